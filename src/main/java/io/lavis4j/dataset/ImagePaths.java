package io.lavis4j.dataset;

import io.lavis4j.io.FileNames;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Where the images that records name lie: below one or several folders, which no name leaves. Names are taken as they
 * stand, {@code %} included.
 */
public final class ImagePaths {

    private final List<Path> roots;

    /** @param roots searched in this order; at least one */
    public ImagePaths(List<Path> roots) {
        if (roots.isEmpty()) {
            throw new IllegalArgumentException("expected at least one folder of images, got none");
        }
        this.roots = List.copyOf(roots);
    }

    /**
     * The place of an image below its folder, from a path relative to that or an absolute one into it, as the files of
     * Conceptual Captions have it.
     *
     * @throws IllegalArgumentException with what was expected
     */
    public String relative(String image) {
        boolean absolute = image.startsWith("/");
        for (String part : image.substring(absolute ? 1 : 0).split("/", -1)) {
            if (leaves(part)) {
                throw new IllegalArgumentException(
                        "a path without empty parts, \"..\", backslashes or encoded ones of these");
            }
        }
        if (!absolute) {
            return image;
        }
        var file = FileNames.path(image);
        for (var root : roots) {
            var folder = root.toAbsolutePath().normalize();
            if (file.startsWith(folder)) {
                return folder.relativize(file).toString();
            }
        }
        throw new IllegalArgumentException(
                "a path relative to a folder of images, or into one, of %s; build_info.images.storage names them"
                        .formatted(roots));
    }

    /**
     * The file of an image in the first folder that has it; in the first folder if none does.
     *
     * @param image as {@link #relative} gives it
     */
    public Path file(String image) {
        var relative = FileNames.path(image);
        if (roots.size() > 1) {
            for (var root : roots) {
                var file = root.resolve(relative);
                if (Files.exists(file)) {
                    return file;
                }
            }
        }
        return roots.get(0).resolve(relative);
    }

    /** Whether a part of a path would leave its folder, encoded or not, or is not a name. */
    public static boolean leaves(String part) {
        String decoded = part.toLowerCase(Locale.ROOT)
                .replace("%25", "%") // encoded twice
                .replace("%2e", ".")
                .replace("%2f", "/")
                .replace("%5c", "\\")
                .replace("%00", "\0");
        return decoded.isBlank()
                || decoded.equals(".")
                || decoded.equals("..")
                || decoded.indexOf('/') >= 0
                || decoded.indexOf('\\') >= 0
                || decoded.indexOf('\0') >= 0;
    }
}
