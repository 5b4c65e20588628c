package io.lavis4j.caption;

import io.lavis4j.image.ImageFormat;
import io.lavis4j.io.FileNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The images of a folder and of all folders in it, told by their content, by name; links are followed, and names that
 * begin with a dot passed over. A text of an image's name, {@code dog.txt} beside {@code dog.jpg}, is the image's, as
 * {@link TextsBeside} writes it. In memory are the names in one folder and in those that it is in.
 */
final class FolderImages implements ImageStream {

    private static final int MANGLED = 0xFFFD;

    private final Deque<Level> levels = new ArrayDeque<>(); // the innermost first
    private final PassedOver passedOver;
    private @Nullable SourceImage next;

    /**
     * A name in a folder.
     *
     * @param name that of a folder ends with a slash
     * @param mangled the entry, if the name is not in the encoding of the locale and cannot be made a path again
     */
    private record Named(String name, @Nullable Path mangled) {}

    /** A folder that is gone through. */
    private static final class Level {
        private final Path folder;
        private final Path real; // without links
        private final List<Named> names;
        private @Nullable Set<String> texts; // beside files of these names
        private int passed;

        Level(Path folder) throws IOException {
            this.folder = folder;
            real = folder.toRealPath();
            names = new ArrayList<>();
            try (var entries = Files.newDirectoryStream(folder)) {
                for (var entry : entries) {
                    String name = entry.getFileName().toString();
                    FileNames.requireReadable(name);
                    if (!name.startsWith(".")) {
                        names.add(new Named(
                                Files.isDirectory(entry) ? name + "/" : name,
                                name.indexOf(MANGLED) < 0 ? null : entry));
                    }
                }
            }
            names.sort(Comparator.comparing(Named::name));
        }

        boolean isTextBeside(String file) {
            if (!file.endsWith(TextsBeside.ENDING)) {
                return false;
            }
            if (texts == null) {
                texts = names.stream()
                        .map(Named::name)
                        .filter(name -> !name.endsWith("/") && !name.endsWith(TextsBeside.ENDING))
                        .map(TextsBeside::nameBeside)
                        .collect(Collectors.toSet());
            }
            return texts.contains(file);
        }
    }

    /** @throws UncheckedIOException if it cannot be read */
    FolderImages(Path folder) {
        passedOver = new PassedOver(folder.toString());
        enter(folder);
    }

    private void enter(Path folder) {
        try {
            var level = new Level(folder);
            if (levels.stream().anyMatch(outer -> outer.real.equals(level.real))) {
                throw new IOException("links lead in a circle; remove one of them");
            }
            levels.push(level);
        } catch (IOException | DirectoryIteratorException e) {
            throw new UncheckedIOException(
                    "folder %s cannot be read (%s)".formatted(folder, e.getMessage()),
                    e instanceof IOException own ? own : new IOException(e));
        }
    }

    @Override
    public boolean hasNext() {
        while (next == null && !levels.isEmpty()) {
            var level = levels.element();
            if (level.passed == level.names.size()) {
                leave();
            } else {
                var named = level.names.get(level.passed);
                var entry = named.mangled() == null ? level.folder.resolve(named.name()) : named.mangled();
                if (named.name().endsWith("/")) {
                    enter(entry);
                } else {
                    level.passed++;
                    next = image(entry);
                }
            }
        }
        return next != null;
    }

    private void leave() {
        levels.pop();
        if (levels.isEmpty()) {
            passedOver.end();
        } else {
            levels.element().passed++;
        }
    }

    private @Nullable SourceImage image(Path file) {
        if (!isImage(file)) {
            if (!levels.element().isTextBeside(file.getFileName().toString())) {
                passedOver.other(file.toString());
            }
            return null;
        }
        passedOver.image();
        return new SourceImage(file.toString(), new ImageContent.OnDisk(file));
    }

    /** One that cannot be opened counts, so that it is reported. */
    private static boolean isImage(Path file) {
        try {
            return Files.isRegularFile(file) && ImageFormat.of(file) != null;
        } catch (IOException e) {
            return true;
        }
    }

    @Override
    public SourceImage next() {
        if (!hasNext() || next == null) {
            throw new NoSuchElementException("the folder has no further image");
        }
        var image = next;
        next = null;
        return image;
    }

    /** Each name in a folder counts alike, whatever is in it. */
    @Override
    public double share() {
        double share = levels.isEmpty() ? 1 : 0, width = 1;
        for (Iterator<Level> outer = levels.descendingIterator(); outer.hasNext(); ) {
            var level = outer.next();
            share += width * level.passed / Math.max(1, level.names.size());
            width /= Math.max(1, level.names.size());
        }
        return share;
    }

    @Override
    public void close() {
        levels.clear();
    }
}
