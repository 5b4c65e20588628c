package io.lavis4j.download;

import static io.lavis4j.io.Arguments.require;

import io.lavis4j.io.FileNames;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A file of a published data set. Paths are relative to the root, with slashes; that of a folder ends with one.
 *
 * @param path place of the file, or of the archive before it is unpacked
 * @param address where it is published; {@code null} if it is to be had by hand alone
 * @param byHand what a person has to do; {@code null} if nothing
 * @param size in bytes; {@code null} if not known
 * @param checksum {@code null} if not known
 * @param unpack folder that an archive is unpacked into; {@code null} for a file that is used as it is
 * @param provides what must be there afterwards
 */
public record PublishedFile(
        String path,
        @Nullable URI address,
        @Nullable String byHand,
        @Nullable Long size,
        @Nullable Checksum checksum,
        @Nullable String unpack,
        List<String> provides) {

    public PublishedFile {
        provides = List.copyOf(provides);
        require(
                (address == null) != (byHand == null),
                "%s: expected either an address or by_hand, what a person has to do",
                path);
        require(!provides.isEmpty(), "%s: expected provides, the paths that must be there afterwards", path);
        require(
                address == null || !path.endsWith("/"),
                "expected the path of a file, as vg/images.zip, got \"%s\"",
                path);
        require(
                unpack == null || Archive.isNamed(path),
                "%s: expected a name that ends with .zip, .tar, .tar.gz or .tgz, as it is to be unpacked",
                path);
        if (size != null) {
            require(size >= 0, "%s: expected a size of at least 0 bytes, got %s", path, size);
        }
        Stream.concat(Stream.of(path, unpack == null ? "." : unpack), provides.stream())
                .forEach(PublishedFile::requireBelow);
    }

    /** A path that cannot leave the root. */
    private static void requireBelow(String path) {
        boolean below = path.equals(".")
                || Stream.of(path.replaceFirst("/$", "").split("/", -1))
                        .noneMatch(part -> part.isBlank() || part.equals(".") || part.equals(".."));
        require(
                below && path.indexOf('\\') < 0 && path.chars().noneMatch(Character::isISOControl),
                "expected a path below the root, as vg/images/VG_100K/, got \"%s\"",
                path);
        require(!FileNames.path(path).isAbsolute(), "expected a path below the root, got \"%s\"", path);
    }

    /** The paths of {@link #provides} that are not below a root. */
    public List<String> missing(Path root) {
        return provides.stream()
                .filter(path -> path.endsWith("/")
                        ? !Files.isDirectory(root.resolve(path))
                        : !Files.isRegularFile(root.resolve(path)))
                .toList();
    }

    PublishedFile withAddress(URI other) {
        return new PublishedFile(path, other, byHand, size, checksum, unpack, provides);
    }
}
