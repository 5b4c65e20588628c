package io.lavis4j.dataset.own;

import io.lavis4j.dataset.AnnotationException;
import io.lavis4j.dataset.OnBroken;
import io.lavis4j.dataset.record.Annotations;
import io.lavis4j.dataset.record.RecordFault;
import io.lavis4j.io.FileNames;
import io.lavis4j.io.Listing;
import io.lavis4j.io.TextFile;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of a folder and of all folders in it, links followed; names that begin with a dot are passed over.
 *
 * <p>The text of {@code a/dog.jpg} is {@code a/dog.txt}; each of its lines that is not blank is a caption. Endings are
 * those of images and {@code txt}, in upper or lower case.
 *
 * @param folder that was listed
 * @param images paths below it, by name
 * @param texts files by path below it without ending, by name
 * @param others names of further files
 */
record FolderListing(Path folder, List<String> images, Map<String, Path> texts, List<String> others) {

    private static final Logger LOG = LoggerFactory.getLogger(FolderListing.class);
    private static final Set<String> ENDINGS =
            Set.of("jpg", "jpeg", "jpe", "jfif", "png", "webp", "gif", "bmp", "tif", "tiff");
    private static final String TEXT = "txt";
    private static final int SPELT_OUT = 10;

    /** @throws AnnotationException if a folder cannot be read, or links lead in a circle */
    static FolderListing of(Path folder) {
        var images = new ArrayList<String>();
        var texts = new TreeMap<String, Path>();
        var others = new ArrayList<String>();
        try {
            Files.walkFileTree(
                    folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult preVisitDirectory(Path inner, BasicFileAttributes attributes) {
                            return isHidden(inner) && !inner.equals(folder)
                                    ? FileVisitResult.SKIP_SUBTREE
                                    : FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                            if (!isHidden(file)) {
                                String path = below(folder, file), ending = ending(path);
                                if (ENDINGS.contains(ending)) {
                                    images.add(path);
                                } else if (ending.equals(TEXT)) {
                                    texts.put(base(path), file);
                                } else {
                                    others.add(path);
                                }
                            }
                            return FileVisitResult.CONTINUE;
                        }
                    });
        } catch (FileSystemLoopException e) {
            throw unlisted(folder, "links lead in a circle at %s; remove one of them".formatted(e.getFile()), e);
        } catch (FileSystemException e) {
            throw unlisted(folder, "%s %s".formatted(e.getFile(), TextFile.problem(Path.of(e.getFile()), e)), e);
        } catch (IOException e) {
            throw unlisted(folder, String.valueOf(e.getMessage()), e);
        }
        images.sort(null);
        others.sort(null);
        return new FolderListing(folder, images, texts, others);
    }

    private static AnnotationException unlisted(Path folder, String problem, IOException e) {
        return new AnnotationException(
                new UncheckedIOException("%s cannot be listed: %s".formatted(folder.toAbsolutePath(), problem), e));
    }

    private static boolean isHidden(Path file) {
        String name = String.valueOf(file.getFileName());
        FileNames.requireReadable(name);
        return name.startsWith(".");
    }

    private static String below(Path folder, Path file) {
        return folder.relativize(file).toString().replace(File.separatorChar, '/');
    }

    private static String ending(String path) {
        int dot = path.lastIndexOf('.');
        return dot <= path.lastIndexOf('/') ? "" : path.substring(dot + 1).toLowerCase(Locale.ROOT);
    }

    private static String base(String path) {
        return path.substring(0, path.lastIndexOf('.'));
    }

    /**
     * Reads the texts.
     *
     * @throws AnnotationException if there is no image or no text, or, if faults are not to be skipped, an image has no
     *     text that can be used
     */
    Annotations<ImageText> read(OnBroken onFault) {
        requireSome();
        var records = new ArrayList<ImageText>();
        var faults = new ArrayList<RecordFault>();
        var alone = new LinkedHashSet<>(texts.keySet());
        for (String image : images) {
            alone.remove(base(image));
            read(image, records, faults);
        }
        if (!alone.isEmpty()) {
            LOG.warn("{}: {} texts have no image beside them: {}", folder, alone.size(), Listing.of(alone, SPELT_OUT));
        }
        if (!faults.isEmpty()) {
            String message = "%s: %d of %d images have no text that can be used:%s"
                    .formatted(folder.toAbsolutePath(), faults.size(), images.size(), Listing.lines(faults, SPELT_OUT));
            if (onFault == OnBroken.FAIL || records.isEmpty()) {
                throw new AnnotationException(message + "\nWrite these texts, or take the images out of the folder.");
            }
            LOG.warn("{}\nThey are left out.", message);
        }
        return new Annotations<>(records, faults);
    }

    private void requireSome() {
        if (images.isEmpty()) {
            throw new AnnotationException(
                    "%s has no image; expected files that end in one of %s, and texts beside them%s"
                            .formatted(
                                    folder.toAbsolutePath(),
                                    ENDINGS.stream().sorted().toList(),
                                    others.isEmpty() ? "" : "; there are " + Listing.of(others, SPELT_OUT)));
        }
        if (texts.isEmpty()) {
            throw new AnnotationException("%s has %d images and no text: %s; expected a text beside each, as %s.%s"
                    .formatted(
                            folder.toAbsolutePath(),
                            images.size(),
                            Listing.of(images, SPELT_OUT),
                            base(images.get(0)),
                            TEXT));
        }
    }

    private void read(String image, List<ImageText> records, List<RecordFault> faults) {
        String expected = base(image) + "." + TEXT;
        var text = texts.get(base(image));
        if (text == null) {
            faults.add(new RecordFault(image, null, "", "has no text beside it", expected));
            return;
        }
        try {
            var captions = TextFile.read(text)
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .toList();
            if (captions.isEmpty()) {
                faults.add(new RecordFault(image, null, "", "has an empty text", "captions in " + expected));
            } else {
                records.add(new ImageText(null, folder.resolve(image), image, List.of(), null, captions));
            }
        } catch (UncheckedIOException e) {
            faults.add(new RecordFault(image, null, "", "has the text " + e.getMessage(), "a text in UTF-8"));
        }
    }
}
