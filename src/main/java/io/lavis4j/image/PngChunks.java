package io.lavis4j.image;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * The chunks of a PNG file, taken or refused as Pillow does.
 *
 * <p>Up to the pixels, every checksum must be right, and the last header, palette and frame count; chunks that nobody
 * knows are passed over, whatever their names say. The pixels' own chunks have no checksum but that of their compressed
 * stream. What follows them may be cut off between two chunks, not inside of one. Texts and profiles are not inflated,
 * so that Pillow's limits for them do not apply; transparency is not looked at, so that a palette image without a
 * palette, of which Pillow's own assertion fails if one of its entries is transparent, is read.
 */
final class PngChunks {

    private static final int SIGNATURE = 8;
    private static final int HEADER = 8; // length and name
    private static final int CHECKSUM = 4;
    private static final int FRAME_NUMBER = 4;
    private static final int MAX_PALETTE = 256;
    private static final long MAX_FRAMES = 1L << 31;

    /** As many bytes as Pillow gives zlib at once; a stream's checksum counts if it comes with the last row. */
    private static final int PIECE = 1 << 16;

    private static final Map<String, Integer> LEAST_LENGTHS =
            Map.of("IHDR", 13, "gAMA", 4, "cHRM", 32, "sRGB", 1, "pHYs", 9, "acTL", 8, "fcTL", 26);

    private final byte[] file;
    private int at = SIGNATURE;
    private int start;
    private String name = "";
    private long length; // of the current chunk's content
    private long left; // of the content of the pixels' current chunk

    private long width;
    private long height;
    private int depth; // 0 before there is a header
    private int colourType;
    private boolean interlaced;
    private byte[] palette = {};

    private boolean framed;
    private long frameLeft;
    private long frameTop;
    private long frameWidth;
    private long frameHeight;
    private long frames; // 0 if the file does not say
    private long nextFrameNumber;
    private boolean defaultImage; // whether the pixels are not a frame of the animation

    /**
     * Goes up to the pixels.
     *
     * @throws IOException if a chunk is refused, or there are no pixels
     */
    PngChunks(byte[] file) throws IOException {
        this.file = file;
        while (true) {
            requireChunk();
            if (name.equals("IEND")) {
                throw refused("comes before the pixels");
            }
            if (name.equals("IDAT") && depth != 0) {
                defaultImage = frames > 0 && !framed;
                break;
            }
            if (name.equals("fdAT")) {
                readFrameNumber();
                break;
            }
            int content = at;
            passContent();
            if (file.length - at < CHECKSUM) {
                throw cutOff();
            }
            take(content);
            var crc = new CRC32();
            crc.update(file, content - 4, (int) length + 4);
            if (crc.getValue() != word(at)) {
                throw refused("has a wrong checksum");
            }
            passChecksum();
        }
        left = length;
        if (depth == 0) {
            throw refused("comes before the header");
        }
        requirePlaces();
    }

    long width() {
        return width;
    }

    long height() {
        return height;
    }

    int depth() {
        return depth;
    }

    int colourType() {
        return colourType;
    }

    boolean interlaced() {
        return interlaced;
    }

    /** Entries of three bytes, perhaps fewer than the pixels need. */
    byte[] palette() {
        return palette;
    }

    /** Where the pixels lie: the first frame of an animation may be smaller than the image. */
    Box frame() {
        return framed
                ? new Box((int) frameLeft, (int) frameTop, (int) frameWidth, (int) frameHeight)
                : new Box(0, 0, (int) width, (int) height);
    }

    /** A part of the file that is compressed pixels. */
    record Piece(int start, int length) {}

    /**
     * The next bytes of the compressed pixels.
     *
     * @throws IOException if there are no more
     */
    Piece next() throws IOException {
        while (left == 0) {
            passChecksum();
            requireChunk();
            if (name.equals("fdAT")) {
                readFrameNumber();
            } else if (!name.equals("IDAT") && !name.equals("DDAT")) {
                throw refused("comes before the last row");
            }
            left = length;
        }
        int wanted = (int) Math.min(left, PIECE);
        var piece = new Piece(at, Math.min(wanted, file.length - at));
        left -= wanted;
        at += piece.length();
        if (piece.length() == 0) {
            throw cutOff();
        }
        return piece;
    }

    /**
     * Goes from the pixels to the end.
     *
     * @throws IOException if a chunk is refused
     */
    void finish() throws IOException {
        boolean animated = frames + (defaultImage ? 1 : 0) > 1;
        at += (int) Math.min(left, file.length - at);
        passChecksum();
        while (readHeader() && !name.equals("IEND") && !(animated && name.equals("fcTL"))) {
            if (name.equals("fdAT")) {
                readFrameNumber();
            }
            int content = at;
            passContent();
            if (!name.equals("IDAT") && !name.equals("fdAT")) {
                take(content);
            }
            passChecksum();
        }
    }

    /** @return false where the file ends, and where no name follows */
    private boolean readHeader() {
        if (file.length - at < HEADER || !isName(at + 4)) {
            return false;
        }
        start = at;
        length = word(at);
        name = new String(file, at + 4, 4, StandardCharsets.ISO_8859_1);
        at += HEADER;
        return true;
    }

    private void requireChunk() throws IOException {
        if (!readHeader()) {
            throw file.length - at < HEADER ? cutOff() : new IOException("there is no chunk at its byte " + at);
        }
    }

    private boolean isName(int from) {
        for (int i = from; i < from + 4; i++) {
            int c = file[i];
            if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_')) {
                return false;
            }
        }
        return true;
    }

    private void passContent() throws IOException {
        if (length > file.length - at) {
            throw cutOff();
        }
        at += (int) length;
    }

    private void passChecksum() {
        at += Math.min(CHECKSUM, file.length - at);
    }

    /** The number that comes before a frame's compressed pixels. */
    private void readFrameNumber() throws IOException {
        if (length < FRAME_NUMBER) {
            throw refused("is too short");
        }
        if (file.length - at < FRAME_NUMBER) {
            throw cutOff();
        }
        if (nextFrameNumber == 0) {
            throw refused("comes before its frame's header");
        }
        requireFrameNumber(at);
        at += FRAME_NUMBER;
        length -= FRAME_NUMBER;
    }

    /** Frames' headers and pixels are numbered together. */
    private void requireFrameNumber(int from) throws IOException {
        if (word(from) != nextFrameNumber) {
            throw refused("has the number %d in its animation, expected %d".formatted(word(from), nextFrameNumber));
        }
        nextFrameNumber++;
    }

    private void take(int content) throws IOException {
        int least = name.equals("tRNS") ? leastTransparency() : LEAST_LENGTHS.getOrDefault(name, 0);
        if (length < least) {
            throw refused("has %d bytes, expected at least %d".formatted(length, least));
        }
        switch (name) {
            case "IHDR" -> takeHeader(content);
            case "PLTE" -> {
                if (colourType == PngDecoder.PALETTE) {
                    palette = Arrays.copyOfRange(file, content, content + (int) length);
                }
            }
            case "zTXt", "iCCP" -> requireDeflate(content);
            case "acTL" -> frames = frames > 0 || word(content) > MAX_FRAMES ? 0 : word(content);
            case "fcTL" -> takeFrame(content);
            default -> {}
        }
    }

    private int leastTransparency() {
        if (depth == 0) {
            return 0;
        }
        return switch (colourType) {
            case PngDecoder.GREY -> 2;
            case PngDecoder.RGB -> 6;
            default -> 0;
        };
    }

    private void takeHeader(int content) throws IOException {
        width = word(content);
        height = word(content + 4);
        if (PngDecoder.isKind(file[content + 8], file[content + 9])) {
            depth = file[content + 8];
            colourType = file[content + 9];
        }
        interlaced |= file[content + 12] != 0;
        if (file[content + 11] != 0) {
            throw refused("has the filter method %d, expected 0".formatted(file[content + 11] & 0xff));
        }
    }

    /** After a title and a zero comes the method of compression; a text may end before. */
    private void requireDeflate(int content) throws IOException {
        int end = content + (int) length;
        int zero = content;
        while (zero < end && file[zero] != 0) {
            zero++;
        }
        boolean profile = name.equals("iCCP");
        int method = zero < end ? zero + 1 : profile ? content : end;
        if (method < end ? file[method] != 0 : profile) {
            throw refused("has an unknown compression, expected 0");
        }
    }

    private void takeFrame(int content) throws IOException {
        requireFrameNumber(content);
        framed = true;
        frameWidth = word(content + 4);
        frameHeight = word(content + 8);
        frameLeft = word(content + 12);
        frameTop = word(content + 16);
        requireFrameInside();
    }

    private void requireFrameInside() throws IOException {
        if (frameLeft + frameWidth > width || frameTop + frameHeight > height) {
            throw new IOException("its frame of %d x %d pixels at (%d, %d) is outside of its %d x %d pixels"
                    .formatted(frameWidth, frameHeight, frameLeft, frameTop, width, height));
        }
    }

    private void requirePlaces() throws IOException {
        if (palette.length / 3 > MAX_PALETTE) {
            throw new IOException(
                    "its palette has %d entries, expected at most %d".formatted(palette.length / 3, MAX_PALETTE));
        }
        if (framed) {
            requireFrameInside();
            if (frameWidth == 0 || frameHeight == 0) {
                throw new IOException("its first frame is empty");
            }
        }
    }

    private IOException refused(String what) {
        return new IOException("its chunk %s at byte %d %s".formatted(name, start, what));
    }

    private EOFException cutOff() {
        return new EOFException("it is cut off after %d bytes".formatted(file.length));
    }

    private long word(int from) {
        return (file[from] & 0xffL) << 24
                | (file[from + 1] & 0xff) << 16
                | (file[from + 2] & 0xff) << 8
                | (file[from + 3] & 0xff);
    }
}
