package io.lavis4j.dataset.own;

import io.lavis4j.io.FileNames;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Folders of images, searched in their order; nothing outside of them is found. */
final class ImageRoots {

    private final List<Path> roots;

    /** @param roots at least one */
    ImageRoots(List<Path> roots) {
        if (roots.isEmpty()) {
            throw new IllegalArgumentException("expected at least one folder of images, got none");
        }
        this.roots = roots.stream().map(root -> root.toAbsolutePath().normalize()).toList();
    }

    /**
     * A file that need not be there.
     *
     * @param path below its root, with {@code /}
     */
    record Found(Path file, String path) {}

    /**
     * The file that a path means, in the first root that has it; in the first root if none does.
     *
     * @param path below a root, or absolute
     * @return {@code null} if it leaves every root, or cannot be a path
     */
    @Nullable Found find(String path) {
        Found first = null;
        for (var root : roots) {
            var found = below(root, path);
            if (found != null && (roots.size() == 1 || Files.exists(found.file()))) {
                return found;
            }
            first = first == null ? found : first;
        }
        return first;
    }

    private static @Nullable Found below(Path root, String path) {
        try {
            var file = root.resolve(FileNames.path(path)).normalize();
            return file.startsWith(root) && !file.equals(root)
                    ? new Found(file, root.relativize(file).toString().replace(File.separatorChar, '/'))
                    : null;
        } catch (InvalidPathException e) {
            return null;
        }
    }

    /** For messages. */
    @Override
    public String toString() {
        return roots.size() == 1 ? roots.get(0).toString() : "one of " + roots;
    }
}
