package io.lavis4j.image;

import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** The strips or tiles of a TIFF file without their compression. */
final class TiffBlocks {

    private static final byte[] JPEG_START = {(byte) 0xff, (byte) 0xd8};

    /** A segment that tells a JPEG decoder that three components are YCbCr. */
    private static final byte[] JFIF = {
        (byte) 0xff, (byte) 0xe0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0
    };

    private final FileBytes file;
    private final TiffLayout layout;
    private final long[] offsets;
    private final long[] sizes;
    private final byte[] jpegTables;

    TiffBlocks(TiffTags tags, TiffLayout layout) throws IOException {
        this.layout = layout;
        file = tags.file();
        offsets = tags.all(layout.tiled() ? TiffTags.TILE_OFFSETS : TiffTags.STRIP_OFFSETS);
        boolean raw = layout.compression() == TiffLayout.RAW;
        sizes = raw ? new long[0] : tags.all(layout.tiled() ? TiffTags.TILE_SIZES : TiffTags.STRIP_SIZES);
        jpegTables = tags.bytes(TiffTags.JPEG_TABLES);
        int expected = layout.blocks() * (layout.inPlanes() ? layout.samples() : 1);
        if (offsets.length != expected || (!raw && sizes.length != expected)) {
            throw new IOException("it has %d strips or tiles and %d sizes of them, expected %d"
                    .formatted(offsets.length, sizes.length, expected));
        }
    }

    /**
     * The rows of a block, YCbCr in JPEG as RGB.
     *
     * @param number among the blocks of all planes
     * @param rows that it has
     */
    byte[] read(int number, int rows) throws IOException {
        byte[] to = new byte[rows * layout.rowBytes()];
        if (layout.compression() == TiffLayout.RAW) {
            return reversed(file.range(offsets[number], to.length));
        }
        byte[] from = file.range(offsets[number], sizes[number]);
        try {
            switch (layout.compression()) {
                case TiffLayout.JPEG -> {
                    return jpeg(from, rows);
                }
                case TiffLayout.LZW -> TiffLzw.decode(reversed(from), to);
                case TiffLayout.PACK_BITS -> unpack(reversed(from), to);
                default -> inflate(reversed(from), to);
            }
        } catch (UnreadKindException e) {
            throw e;
        } catch (IOException e) {
            throw new IOException("its strip or tile %d: %s".formatted(number, e.getMessage()), e);
        }
        if (layout.compression() != TiffLayout.PACK_BITS) {
            undoPredictor(to);
        }
        return to;
    }

    private byte[] reversed(byte[] bytes) {
        if (layout.bitsReversed()) {
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) (Integer.reverse(bytes[i]) >>> 24);
            }
        }
        return bytes;
    }

    private static void inflate(byte[] from, byte[] to) throws IOException {
        var inflater = new Inflater();
        try {
            inflater.setInput(from);
            for (int filled = 0; filled < to.length; ) {
                int count = inflater.inflate(to, filled, to.length - filled);
                if (count == 0) {
                    throw new EOFException("its pixels end after %d of %d bytes".formatted(filled, to.length));
                }
                filled += count;
            }
        } catch (DataFormatException e) {
            throw new IOException("its pixels are damaged (%s)".formatted(e.getMessage()), e);
        } finally {
            inflater.end();
        }
    }

    /** PackBits: a byte below 128 is followed by one byte more than it says, one above 128 by one that is repeated. */
    private static void unpack(byte[] from, byte[] to) throws EOFException {
        int at = 0, filled = 0;
        while (filled < to.length) {
            int count = at < from.length ? from[at++] : 0;
            int literals = count < 0 ? 1 : count + 1;
            if (at + literals > from.length) {
                throw new EOFException("its pixels end after %d of %d bytes".formatted(filled, to.length));
            }
            if (count == Byte.MIN_VALUE) {
                continue;
            }
            int written = Math.min(to.length - filled, count < 0 ? 1 - count : literals);
            for (int i = 0; i < written; i++) {
                to[filled + i] = from[count < 0 ? at : at + i];
            }
            at += literals;
            filled += written;
        }
    }

    private void undoPredictor(byte[] rows) throws IOException {
        int step = layout.samplesInBlock(), rowBytes = layout.rowBytes();
        switch (layout.predictor()) {
            case TiffPredictor.NONE -> {}
            case TiffPredictor.DIFFERENCES -> TiffPredictor.sum(rows, rowBytes, layout.bits(), step, file.order());
            default -> TiffPredictor.sumReal(rows, rowBytes, step, file.order());
        }
    }

    private byte[] jpeg(byte[] block, int rows) throws IOException {
        if (block.length < 2 || block[0] != JPEG_START[0] || block[1] != JPEG_START[1]) {
            throw new IOException("it is not a JPEG");
        }
        boolean converts = layout.colours() == TiffLayout.Colours.YCC;
        var stream = new ByteArrayOutputStream();
        stream.writeBytes(JPEG_START);
        if (converts) {
            stream.writeBytes(JFIF);
        }
        if (jpegTables.length > 4) {
            stream.write(jpegTables, 2, jpegTables.length - 4); // without their own start and end
        }
        stream.write(block, 2, block.length - 2);
        byte[] jpeg = stream.toByteArray();
        var header = new JpegSegments(jpeg).header();
        if (header.width() != layout.blockWidth()
                || header.height() < rows
                || header.components() != layout.samplesInBlock()) {
            throw new IOException("it is a JPEG of %d x %d pixels with %d components, expected %d x %d with %d"
                    .formatted(
                            header.width(),
                            header.height(),
                            header.components(),
                            layout.blockWidth(),
                            rows,
                            layout.samplesInBlock()));
        }
        ImageDecoder.requireDecodable(header.width(), header.height());
        if (converts) {
            return JpegDecoder.decode(jpeg).pixels();
        }
        Raster raster = JdkReaders.read("jpeg", jpeg, reader -> reader.readRaster(0, null));
        return ((DataBufferByte) raster.getDataBuffer()).getData();
    }
}
