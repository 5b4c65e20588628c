package io.lavis4j.caption;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lavis4j.io.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A text beside each image, {@code a/dog.txt} of {@code a/dog.jpg}, each line of it a caption, as trainers read them. A
 * text that is there and not empty is kept, and its image not captioned again. Nothing is written of an image that
 * cannot be read; the log names it.
 */
public final class TextsBeside implements CaptionOutput {

    private static final Logger LOG = LoggerFactory.getLogger(TextsBeside.class);

    static final String ENDING = ".txt";

    private static final int MANGLED = 0xFFFD;

    private final boolean overwrite;
    private final List<Path> inputs;

    /**
     * Texts beside the images of some inputs.
     *
     * @param overwrite whether images with a text are captioned again
     * @param inputs never written over, whatever image there is beside a list
     */
    public TextsBeside(boolean overwrite, List<Path> inputs) {
        this.overwrite = overwrite;
        this.inputs = List.copyOf(inputs);
    }

    /** The name of the text of an image. */
    static String nameBeside(String image) {
        int dot = image.lastIndexOf('.');
        return (dot < 0 ? image : image.substring(0, dot)) + ENDING;
    }

    private static Path text(SourceImage image) {
        if (image.content() instanceof ImageContent.OnDisk disk) {
            return disk.file()
                    .resolveSibling(nameBeside(String.valueOf(disk.file().getFileName())));
        }
        throw new IllegalArgumentException(
                "%s has no folder for a text beside it; expected --out FILE.jsonl or FILE.csv".formatted(image.name()));
    }

    @Override
    public List<String> remaining(SourceImage image, List<String> prompts) {
        boolean unusable = image.content() instanceof ImageContent.Unusable;
        return unusable || overwrite || !isThere(text(image)) ? prompts : List.of();
    }

    private static boolean isThere(Path text) {
        try {
            return Files.isRegularFile(text) && Files.size(text) > 0;
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be looked at".formatted(text), e);
        }
    }

    @Override
    public void write(SourceImage image, List<Captioned> results) {
        var problem = results.get(0).problem();
        if (problem != null) {
            LOG.error("{}", problem);
            return;
        }
        var text = text(image);
        if (text.toString().indexOf(MANGLED) >= 0) {
            LOG.error(
                    "{}: has no text, as the name is not in the encoding of this locale, {}; rename it",
                    image.name(),
                    System.getProperty("sun.jnu.encoding"));
            return;
        }
        if (!overwrite && isThere(text)) {
            LOG.error(
                    "{}: {} was written meanwhile, for an image of the same name or by another process, and is kept",
                    image.name(),
                    text);
            return;
        }
        if (isInput(text)) {
            LOG.error("{}: has no text, as {} is an input; give that another name", image.name(), text);
            return;
        }
        String lines = results.stream()
                .flatMap(result -> result.captions().stream())
                .map(caption -> caption + "\n")
                .collect(Collectors.joining());
        try (var out = FileChannel.open(
                text, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            AtomicFile.writeFully(out, UTF_8.encode(lines));
        } catch (IOException e) {
            remove(text, e);
            throw new UncheckedIOException(
                    "%s cannot be written (%s); is the disk full, or the folder not to be written?"
                            .formatted(text, e.getMessage()),
                    e);
        }
    }

    private boolean isInput(Path text) {
        try {
            for (var input : inputs) {
                if (Files.exists(text) && Files.exists(input) && Files.isSameFile(text, input)) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be looked at".formatted(text), e);
        }
    }

    /** What was written in part is not to be taken for whole. */
    private static void remove(Path text, IOException failure) {
        try {
            Files.deleteIfExists(text);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    @Override
    public void end() {}

    @Override
    public void close() {}
}
