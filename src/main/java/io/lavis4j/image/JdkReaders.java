package io.lavis4j.image;

import java.io.EOFException;
import java.io.IOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;

/** The JDK's own image readers; others on the class path may decode differently. */
final class JdkReaders {

    private JdkReaders() {}

    /** A use of a reader. */
    interface Body<T> {
        T apply(ImageReader reader) throws IOException;
    }

    /**
     * Runs {@code body} on a reader for one image, without metadata and without a cache on disk.
     *
     * @throws IOException if the file is damaged or ends too early
     */
    static <T> T read(String format, byte[] file, Body<T> body) throws IOException {
        var reader = reader(format);
        try (var input = new ByteInput(file)) {
            reader.setInput(input, true, true);
            try {
                T result = body.apply(reader);
                if (!input.exhausted()) {
                    return result;
                }
            } catch (IOException e) {
                if (!input.exhausted()) {
                    throw e;
                }
            }
            throw new EOFException("it is cut off after %d bytes".formatted(file.length));
        } finally {
            reader.dispose();
        }
    }

    private static ImageReader reader(String format) {
        var readers = ImageIO.getImageReadersByFormatName(format);
        while (readers.hasNext()) {
            var reader = readers.next();
            if (reader.getClass().getName().startsWith("com.sun.imageio.")) {
                return reader;
            }
        }
        throw new IllegalStateException(
                "this JDK has no reader for %s; expected the module java.desktop".formatted(format));
    }
}
