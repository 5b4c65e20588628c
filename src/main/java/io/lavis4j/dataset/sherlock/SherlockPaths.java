package io.lavis4j.dataset.sherlock;

import io.lavis4j.io.FileNames;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Where the images of Sherlock lie: {@code vcr1images/<movie>/<file>} for Visual Commonsense Reasoning and
 * {@code vg/images/<folder>/<file>} for Visual Genome, below one or several roots.
 */
public final class SherlockPaths {

    private static final String VCR = "vcr1images";
    private static final Pattern SCHEME = Pattern.compile("^[A-Za-z][A-Za-z0-9+.-]*://");

    private final List<Path> roots;

    /** @param roots searched in this order; at least one */
    public SherlockPaths(List<Path> roots) {
        if (roots.isEmpty()) {
            throw new IllegalArgumentException("expected at least one folder of images, got none");
        }
        this.roots = List.copyOf(roots);
    }

    /**
     * The file of an image in the first root that has it; in the first root if none does.
     *
     * @throws IllegalArgumentException if no file below a root can be meant
     */
    public Path file(String url) {
        var relative = FileNames.path(relative(url));
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

    /**
     * The file's place below a root, from the last parts of its URL. Names are taken as they stand, {@code %} included;
     * those that would leave the root, encoded or not, are refused.
     *
     * @throws IllegalArgumentException with what was expected
     */
    static String relative(String url) {
        String[] parts = SCHEME.matcher(url).replaceFirst("").split("/", -1);
        int first = SCHEME.matcher(url).find() ? 1 : 0; // the host is not a folder
        for (int i = first; i < parts.length; i++) {
            if (leaves(parts[i])) {
                throw new IllegalArgumentException(
                        "a URL without empty parts, \"..\", backslashes or encoded ones of these");
            }
        }
        int count = parts.length;
        if (count - first < 2) {
            throw new IllegalArgumentException("a URL that ends in <folder>/<file>");
        }
        String folderAndFile = parts[count - 2] + "/" + parts[count - 1];
        return count - first >= 3 && parts[count - 3].equals(VCR)
                ? VCR + "/" + folderAndFile
                : "vg/images/" + folderAndFile;
    }

    /** Whether an image is one of Visual Commonsense Reasoning. */
    static boolean isVcr(String url) {
        return relative(url).startsWith(VCR + "/");
    }

    private static boolean leaves(String part) {
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
