package io.lavis4j.image;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import javax.imageio.plugins.jpeg.JPEGHuffmanTable;
import org.jspecify.annotations.Nullable;

/**
 * The segments of a JPEG file before its pixels: what Pillow refuses before libjpeg sees the file, and what is left for
 * the JDK's decoder.
 *
 * <p>Refused are segments that are cut off or too short for what they begin, samples of other than 8 bits, and other
 * numbers of components than 1, 3 and 4. Notes of cameras are not read, nor are Pillow's errors in them.
 */
final class JpegSegments {

    private static final int MARKER = 0xff;
    private static final int STUFFING = 0x00;
    private static final int TEMPORARY = 0x01;
    private static final int FIRST_SEGMENT = 0xc0;
    private static final int PROGRESSIVE = 0xc2;
    private static final int HUFFMAN_TABLES = 0xc4;
    private static final int EXTENSION = 0xc8;
    private static final int ARITHMETIC_TABLES = 0xcc;
    private static final int LAST_FRAME = 0xcf;
    private static final int FIRST_RESTART = 0xd0;
    private static final int LAST_RESTART = 0xd7;
    private static final int START_OF_IMAGE = 0xd8;
    private static final int END_OF_IMAGE = 0xd9;
    private static final int START_OF_SCAN = 0xda;
    private static final int QUANTISATION = 0xdb;
    private static final int RESTARTS = 0xdd;
    private static final int HIERARCHY = 0xde;
    private static final int EXPANSION = 0xdf;
    private static final int APPLICATION = 0xe0;
    private static final int PROFILE = 0xe2;
    private static final int PHOTOSHOP = 0xed;
    private static final int ADOBE = 0xee;
    private static final int FIRST_RESERVED = 0xf0;
    private static final int COMMENT = 0xfe;

    private static final int VERSION_END = 7; // of JFIF's and Adobe's segments
    private static final int JFIF_SIZE = 14; // from which on libjpeg heeds them
    private static final int ADOBE_SIZE = 12;
    private static final int PROFILE_HEADER = 14; // name, number of the part, number of parts
    private static final int FRAME_HEADER = 6; // precision, height, width, components
    private static final int COMPONENT = 3;
    private static final int RESOLUTION = 0x3ed; // a resource of Photoshop's
    private static final int RESOLUTION_SIZE = 14;

    private static final int NOWHERE = -1;

    private final byte[] file;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private int at = 2;
    private int start; // of the current segment
    private int frame; // content of the header; 0 before there is one
    private int frameMarker;
    private byte @Nullable [] profile; // the first part of a profile
    private boolean restarts; // whether the scan has restart markers
    private boolean jfif;
    private int adobe = JpegHeader.NO_ADOBE;

    /**
     * Goes up to the first scan.
     *
     * @throws IOException if a segment is refused, or there is no scan
     */
    JpegSegments(byte[] file) throws IOException {
        this.file = file;
        if (file.length > 2 && (file[2] & 0xff) != MARKER) {
            throw new IOException("no segment follows its first two bytes");
        }
        int marker = 0;
        while (marker != START_OF_SCAN) {
            marker = next();
        }
        if (frame == 0) {
            throw new IOException("its pixels begin before the header that gives its size");
        }
    }

    /** @throws IOException if the frame is coded in a way that JDKs do not read alike */
    JpegHeader header() throws IOException {
        if (frameMarker > PROGRESSIVE) {
            throw new IOException(
                    "it is coded as SOF %02x, which only the native image library reads, and here plain Java does; convert the file"
                            .formatted(frameMarker));
        }
        int components = file[frame + 5];
        byte[] ids = new byte[components];
        for (int i = 0; i < components; i++) {
            int id = frame + FRAME_HEADER + COMPONENT * i;
            ids[i] = id < file.length ? file[id] : 0;
        }
        return new JpegHeader(
                word(frame + 3), word(frame + 1), components, JpegHeader.colours(components, ids, jfif, adobe));
    }

    /**
     * What libjpeg decides on, for a decoder that wants a whole file: no notes, the tables that libjpeg-turbo takes
     * where there are none, and an end if nothing but that is missing.
     *
     * @throws IOException if what follows the pixels is not part of an image
     */
    byte[] forDecoder() throws IOException {
        var whole = new ByteArrayOutputStream();
        whole.write(MARKER);
        whole.write(START_OF_IMAGE);
        if (frameMarker < PROGRESSIVE) {
            writeTable(whole, 0x00, JPEGHuffmanTable.StdDCLuminance);
            writeTable(whole, 0x01, JPEGHuffmanTable.StdDCChrominance);
            writeTable(whole, 0x10, JPEGHuffmanTable.StdACLuminance);
            writeTable(whole, 0x11, JPEGHuffmanTable.StdACChrominance);
        }
        whole.writeBytes(kept.toByteArray());
        int end = endOfPixels();
        whole.write(file, at, (end == NOWHERE ? file.length : end) - at);
        if (end != NOWHERE) {
            whole.write(MARKER);
            whole.write(END_OF_IMAGE);
        }
        return whole.toByteArray();
    }

    /** @return the marker of a segment, or 0 for what is between two */
    private int next() throws IOException {
        if (at + 1 >= file.length) {
            throw cutOff();
        }
        start = at;
        int marker = file[at + 1] & 0xff;
        if ((file[at] & 0xff) != MARKER || marker == MARKER) {
            at++;
            return 0;
        }
        if (marker == STUFFING || isRestart(marker)) {
            at += 2;
            return 0;
        }
        if (marker < FIRST_SEGMENT || isOutOfPlace(marker)) {
            throw refused(marker, "does not belong before its pixels");
        }
        int content = at + 4;
        if (content > file.length) {
            throw cutOff();
        }
        int end = content + Math.max(word(at + 2) - 2, 0);
        if (end > file.length) {
            throw cutOff();
        }
        take(marker, content, end);
        at = end;
        boolean note = (marker >= APPLICATION && marker < FIRST_RESERVED) || marker == COMMENT;
        if (!note) {
            kept.write(file, start, end - start);
        }
        return marker;
    }

    private static boolean isRestart(int marker) {
        return marker >= FIRST_RESTART && marker <= LAST_RESTART;
    }

    /** Whether libjpeg knows no such marker inside of an image; JDKs pass some over. */
    private static boolean isOutOfPlace(int marker) {
        return marker == EXTENSION
                || marker == START_OF_IMAGE
                || marker == END_OF_IMAGE
                || marker == HIERARCHY
                || marker == EXPANSION
                || (marker >= FIRST_RESERVED && marker < COMMENT);
    }

    private static boolean isFrame(int marker) {
        return marker >= FIRST_SEGMENT
                && marker <= LAST_FRAME
                && marker != HUFFMAN_TABLES
                && marker != EXTENSION
                && marker != ARITHMETIC_TABLES;
    }

    private void take(int marker, int content, int end) throws IOException {
        boolean whole = true;
        if (isFrame(marker)) {
            takeFrame(marker, content, end);
        } else if (marker == QUANTISATION) {
            whole = hasWholeTables(content, end);
        } else if (marker == RESTARTS) {
            restarts = end - content == 2 && word(content) > 0;
        } else if (marker == APPLICATION && beginsWith("JFIF", content, end)) {
            whole = end - content >= VERSION_END;
            jfif |= end - content >= JFIF_SIZE && file[content + 4] == 0;
        } else if (marker == ADOBE && beginsWith("Adobe", content, end)) {
            whole = end - content >= VERSION_END;
            adobe = end - content >= ADOBE_SIZE ? file[content + 11] & 0xff : adobe;
        } else if (marker == PHOTOSHOP && beginsWith("Photoshop 3.0\0", content, end)) {
            whole = hasWholeResources(content, end);
        } else if (marker == PROFILE && beginsWith("ICC_PROFILE\0", content, end)) {
            byte[] part = Arrays.copyOfRange(file, content, end);
            profile = profile == null || Arrays.compareUnsigned(part, profile) < 0 ? part : profile;
        }
        if (!whole) {
            throw refused(marker, "is too short for what it begins");
        }
    }

    private void takeFrame(int marker, int content, int end) throws IOException {
        if (end - content < FRAME_HEADER
                || (end - content - FRAME_HEADER) % COMPONENT != 0
                || (profile != null && profile.length < PROFILE_HEADER)) {
            throw refused(marker, "or the profile before it is too short");
        }
        profile = null;
        frame = content;
        frameMarker = marker;
        int bits = file[content] & 0xff;
        int components = file[content + 5] & 0xff;
        if (bits != 8) {
            throw new IOException("its samples have %d bits, expected 8".formatted(bits));
        }
        if (components != 1 && components != 3 && components != 4) {
            throw new IOException("its pixels have %d components, expected 1, 3 or 4".formatted(components));
        }
    }

    /** Tables of one or two bytes per entry. */
    private boolean hasWholeTables(int from, int end) {
        while (from < end) {
            from += 1 + ((file[from] & 0xff) < 16 ? 64 : 128);
        }
        return from == end;
    }

    /**
     * Resources: 8BIM, a number, a name at least, a length. One that is cut off after its number is an error, one that
     * is cut off elsewhere is not.
     */
    private boolean hasWholeResources(int content, int end) {
        int from = content + PROFILE_HEADER;
        while (beginsWith("8BIM", from, end)) {
            from += 4;
            if (from + 2 > end) {
                return true;
            }
            int number = word(from);
            from += 2;
            if (from == end) {
                return false;
            }
            from += 1 + (file[from] & 0xff);
            from += (from - content) % 2;
            if (from + 4 > end) {
                return true;
            }
            long size = (long) word(from) << 16 | word(from + 2);
            from += 4;
            if (size > end - from || (number == RESOLUTION && size < RESOLUTION_SIZE)) {
                return true;
            }
            from += (int) size;
            from += (from - content) % 2;
        }
        return true;
    }

    /**
     * Where the end belongs. The pixels of a single scan end at any marker, but for restarts; what follows them may be
     * cut off, and is left out from the first segment that is. Of several scans, everything must be there.
     *
     * @return {@link #NOWHERE} if the pixels may lack bytes
     * @throws IOException if what follows the pixels is not part of an image
     */
    private int endOfPixels() throws IOException {
        boolean single = file[start + 4] == file[frame + 5] && frameMarker != PROGRESSIVE;
        boolean ended = false;
        int from = at;
        while (single && from + 1 < file.length) {
            int marker = file[from + 1] & 0xff;
            if ((file[from] & 0xff) != MARKER || marker == MARKER) {
                from++;
                continue;
            }
            ended |= marker != STUFFING && !(restarts && isRestart(marker));
            if (marker == END_OF_IMAGE) {
                return from;
            }
            if (marker == STUFFING || marker == TEMPORARY || isRestart(marker)) {
                from += 2;
                continue;
            }
            boolean cut = from + 4 > file.length || from + 2 + word(from + 2) > file.length;
            boolean scan = marker == START_OF_SCAN && !cut;
            if (marker < FIRST_SEGMENT || scan || isFrame(marker) || isOutOfPlace(marker)) {
                if (restarts) {
                    return NOWHERE; // the decoder may go on at the next restart
                }
                throw new IOException(
                        "the marker %02x at byte %d does not belong after its pixels".formatted(marker, from));
            }
            if (cut) {
                return from;
            }
            from += 2 + Math.max(word(from + 2), 2);
        }
        return ended ? file.length : NOWHERE;
    }

    private static void writeTable(ByteArrayOutputStream to, int place, JPEGHuffmanTable table) {
        short[] lengths = table.getLengths();
        short[] values = table.getValues();
        int size = 2 + 1 + lengths.length + values.length;
        to.write(MARKER);
        to.write(HUFFMAN_TABLES);
        to.write(size >> 8);
        to.write(size);
        to.write(place);
        for (short length : lengths) {
            to.write(length);
        }
        for (short value : values) {
            to.write(value);
        }
    }

    private boolean beginsWith(String text, int from, int end) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return end - from >= bytes.length && Arrays.equals(file, from, from + bytes.length, bytes, 0, bytes.length);
    }

    private IOException refused(int marker, String what) {
        return new IOException("its segment %02x at byte %d %s".formatted(marker, start, what));
    }

    private EOFException cutOff() {
        return new EOFException("it is cut off after %d bytes".formatted(file.length));
    }

    private int word(int from) {
        return (file[from] & 0xff) << 8 | (file[from + 1] & 0xff);
    }
}
