package io.lavis4j.processor;

import io.lavis4j.tensor.JarLibrary;
import java.nio.Buffer;
import java.nio.ByteBuffer;

/**
 * The library {@code lavis4j_image} ({@code native/README.md}): its functions and how it gets into the process.
 *
 * <p>Its decoders are in the library of {@code org.bytedeco:leptonica}, of which nothing else is used.
 */
final class ImageLibrary {

    /** The image is done. */
    static final int OK = 0;

    /** The file is neither JPEG, PNG nor WebP, which is all that native code reads. */
    static final int UNKNOWN = 1;

    /** The message says what is wrong with the file. */
    static final int BROKEN = 2;

    /** There is no memory. */
    static final int NO_MEMORY = 3;

    /** Bytes for a message, which is ASCII and ends with a zero. */
    static final int MESSAGE_SIZE = 256;

    private static final String DECODERS = "/org/bytedeco/leptonica/%s/libleptonica.so.6";
    private static final String LIBRARY = "/io/lavis4j/native/%s/liblavis4j_image.so";

    private ImageLibrary() {}

    /**
     * Loads the decoders, then the library, which finds them by their name.
     *
     * @throws UnsatisfiedLinkError if there is no build for this platform
     */
    static void load() {
        System.load(JarLibrary.extract(DECODERS).getPath());
        System.load(JarLibrary.extract(LIBRARY).getPath());
    }

    /**
     * Reads a file's header.
     *
     * @param file direct, its content from 0 to {@code length}
     * @param size receives width and height
     * @param message receives the reason why the file cannot be read
     * @return a status
     */
    static native int size(ByteBuffer file, int length, int[] size, byte[] message);

    /**
     * Carries a plan out.
     *
     * @param file direct, its content from 0 to {@code length}
     * @param plan see {@link PackedPlan#bytes()}
     * @param table (3, 256)
     * @param out direct floats, receives (3, window height, window width) from {@code position} on
     * @param message receives the reason why the file cannot be read
     * @return a status
     */
    static native int load(
            ByteBuffer file, int length, byte[] plan, float[] table, Buffer out, int position, byte[] message);

    /** The same with a table and a result of 16 bits. */
    static native int load16(
            ByteBuffer file, int length, byte[] plan, short[] table, Buffer out, int position, byte[] message);

    /**
     * Carries a plan out, without the table.
     *
     * @param out direct, receives (window height, window width, 3) from 0 on
     * @return a status
     */
    static native int loadRgb8(ByteBuffer file, int length, byte[] plan, ByteBuffer out, byte[] message);

    /** The offsets and sizes of the structures that {@link PackedPlan} writes, bytes, in the order of its constants. */
    static native int[] planLayout();
}
