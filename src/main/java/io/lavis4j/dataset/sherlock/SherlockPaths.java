package io.lavis4j.dataset.sherlock;

import io.lavis4j.dataset.ImagePaths;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Where the images of Sherlock lie: {@code vcr1images/<movie>/<file>} for Visual Commonsense Reasoning and
 * {@code vg/images/<folder>/<file>} for Visual Genome, below one or several roots.
 */
public final class SherlockPaths {

    private static final String VCR = "vcr1images";
    private static final Pattern SCHEME = Pattern.compile("^[A-Za-z][A-Za-z0-9+.-]*://");

    private final ImagePaths images;

    /** @param roots searched in this order; at least one */
    public SherlockPaths(List<Path> roots) {
        images = new ImagePaths(roots);
    }

    /**
     * The file of an image in the first root that has it; in the first root if none does.
     *
     * @throws IllegalArgumentException if no file below a root can be meant
     */
    public Path file(String url) {
        return images.file(relative(url));
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
            if (ImagePaths.leaves(parts[i])) {
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
}
