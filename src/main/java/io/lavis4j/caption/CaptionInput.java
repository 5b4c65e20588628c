package io.lavis4j.caption;

import static io.lavis4j.io.Arguments.require;

import io.lavis4j.image.ImageFormat;
import io.lavis4j.io.TextFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Something with images to caption.
 *
 * @param path of a folder, tar file, list or image; {@code -} for the list on standard input
 * @param kind what it is
 */
public record CaptionInput(Path path, Kind kind) {

    private static final Pattern LIST = Pattern.compile("(?i).*\\.(txt|list|lst|jsonl)");
    private static final Path STANDARD_INPUT = Path.of("-");
    private static final int MAGIC_AT = 257;
    private static final String MAGIC = "ustar";
    private static final int SUMMED = 1 << 26;

    /** What an input can be. */
    public enum Kind {
        FOLDER,
        TAR,
        LIST,
        STANDARD_INPUT,
        IMAGE
    }

    /**
     * Tells what a path is: a folder, what begins as an image, a tar file by its content or the ending {@code .tar}, a
     * list by one of the endings {@code .txt}, {@code .list}, {@code .lst} and {@code .jsonl}; anything else is one
     * image, whatever is wrong with it.
     *
     * @throws IllegalArgumentException if there is no such file or folder, or it is something else, as a pipe
     */
    public static CaptionInput of(Path path) {
        if (path.equals(STANDARD_INPUT)) {
            return new CaptionInput(path, Kind.STANDARD_INPUT);
        }
        require(Files.exists(path), "%s: there is no such file or folder", path);
        if (Files.isDirectory(path)) {
            return new CaptionInput(path, Kind.FOLDER);
        }
        require(
                Files.isRegularFile(path),
                "%s is neither a file nor a folder; a list that another program writes is read from standard input, as -",
                path);
        byte[] start = beginning(path);
        String name = path.toString();
        if (ImageFormat.of(start) != null) {
            return new CaptionInput(path, Kind.IMAGE);
        }
        if (isTar(start) || name.toLowerCase(Locale.ROOT).endsWith(".tar")) {
            return new CaptionInput(path, Kind.TAR);
        }
        return new CaptionInput(path, LIST.matcher(name).matches() ? Kind.LIST : Kind.IMAGE);
    }

    private static byte[] beginning(Path file) {
        try (var in = Files.newInputStream(file)) {
            return in.readNBytes(MAGIC_AT + MAGIC.length());
        } catch (IOException e) {
            throw new UncheckedIOException("%s %s".formatted(file, TextFile.problem(file, e)), e);
        }
    }

    private static boolean isTar(byte[] start) {
        return new String(start, StandardCharsets.ISO_8859_1).startsWith(MAGIC, MAGIC_AT);
    }

    /**
     * Its images.
     *
     * @param images folder that paths of a list are below; {@code null} for that of the list, or for the current one
     *     where it comes from standard input
     * @param standardInput read if that is the input
     */
    ImageStream open(@Nullable Path images, InputStream standardInput) {
        return switch (kind) {
            case FOLDER -> new FolderImages(path);
            case TAR -> new TarImages(path);
            case LIST -> ImageList.of(path, images == null ? path.resolveSibling("") : images);
            case STANDARD_INPUT -> ImageList.of(standardInput, images == null ? Path.of("") : images);
            case IMAGE -> new OneImage(path);
        };
    }

    /**
     * What says that it is the same another time: the path of a folder or an image, size and checksum of the first 64
     * MiB of a tar file or a list; of standard input nothing is known.
     */
    public String identity() {
        return switch (kind) {
            case FOLDER, IMAGE -> path.toString();
            case TAR, LIST -> sum(path);
            case STANDARD_INPUT -> "standard input";
        };
    }

    /** Size and checksum of a file. */
    public static String sum(Path file) {
        try (var in = FileChannel.open(file)) {
            var crc = new CRC32();
            var buffer = ByteBuffer.allocate(1 << 16);
            for (int count = 0; count < SUMMED && in.read(buffer.clear()) >= 0; count += buffer.limit()) {
                crc.update(buffer.flip());
            }
            return "%s, %d bytes, checksum %08x".formatted(file.getFileName(), in.size(), crc.getValue());
        } catch (IOException e) {
            throw new UncheckedIOException("%s %s".formatted(file, TextFile.problem(file, e)), e);
        }
    }
}
