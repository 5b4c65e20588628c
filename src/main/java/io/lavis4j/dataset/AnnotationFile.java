package io.lavis4j.dataset;

import io.lavis4j.download.Catalog;
import io.lavis4j.io.FileNames;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The source of one annotation file.
 *
 * @param url a file on this machine, used where it lies, or the address from which the file was published; {@code null}
 *     if unknown
 * @param storage place of the file otherwise; {@code null} only if {@code url} is a file
 * @param md5 its checksum in hexadecimal; {@code null} to trust the file
 */
public record AnnotationFile(
        @Nullable String url,
        @Nullable Path storage,
        @Nullable String md5) {

    public AnnotationFile {
        if (storage == null && (url == null || !isFile(url))) {
            throw new IllegalArgumentException("expected a storage path, or a url that is a file, got url " + url);
        }
    }

    /** Whether a {@code url} is a file on this machine. */
    public static boolean isFile(String url) {
        return !url.contains("://") && Files.isRegularFile(FileNames.path(url));
    }

    /**
     * The file, which is there and whole.
     *
     * @param user for messages: the data set and split
     */
    public Path locate(String user) {
        String source = url;
        var file = source != null && isFile(source) ? FileNames.path(source) : storage;
        if (file == null) {
            throw new AnnotationException("%s: annotation file %s is not there any more".formatted(user, source));
        }
        if (!Files.isRegularFile(file)) {
            throw new AnnotationException(("%s: annotation file %s is %s. %sut it there, or set data_root to the"
                            + " folder below which it lies.%s")
                    .formatted(
                            user,
                            file.toAbsolutePath(),
                            Files.isDirectory(file) ? "a folder" : "not there",
                            source == null ? "P" : "It is published as " + source + ": p",
                            Catalog.shipped()
                                    .command(file)
                                    .map(" To fetch it: "::concat)
                                    .orElse("")));
        }
        String expected = md5;
        if (expected != null) {
            String found = md5(file);
            if (!found.equals(expected.strip().toLowerCase(Locale.ROOT))) {
                throw new AnnotationException(
                        ("%s: annotation file %s has MD5 %s, expected %s. Download it again, or take"
                                        + " md5 out of the configuration if the file is right.")
                                .formatted(user, file.toAbsolutePath(), found, expected));
            }
        }
        return file;
    }

    private static String md5(Path file) {
        try (var digest = new DigestOutputStream(OutputStream.nullOutputStream(), MessageDigest.getInstance("MD5"))) {
            Files.copy(file, digest);
            return HexFormat.of().formatHex(digest.getMessageDigest().digest());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file.toAbsolutePath(), e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has MD5
        }
    }
}
