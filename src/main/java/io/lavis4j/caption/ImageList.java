package io.lavis4j.caption;

import static io.lavis4j.io.Arguments.require;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.image.Box;
import io.lavis4j.io.FileNames;
import io.lavis4j.io.JsonText;
import io.lavis4j.io.TextFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The images that a text names, one a line: a path, or a JSON object with {@code image} and, if the image has its own,
 * {@code prompt} (a text or a list of them) and {@code boxes} (lists of left, top, width and height in pixels); other
 * keys are passed over, as are blank lines. A path is absolute or below the folder of images. No prompt at all,
 * {@code []}, is wrong; no box, {@code []}, is an image without one, whatever boxes others have.
 *
 * <p>A line that is wrong is an image that cannot be read.
 */
final class ImageList implements ImageStream {

    private static final String EXPECTED =
            "{\"image\": PATH}, and if it has its own, \"prompt\": TEXT or [TEXT, ...] and \"boxes\": [[LEFT, TOP, WIDTH,"
                    + " HEIGHT], ...]";
    private static final int NUMBERS = 4;

    /** A byte that {@link TextFile#escapingReader} could not decode. */
    private static final Pattern FOREIGN = Pattern.compile("\\p{Cs}");

    private final String name;
    private final Path images;
    private final BufferedReader lines;
    private final long size; // bytes; 0 if it is not known
    private long passed;
    private @Nullable String next;
    private long number;

    private ImageList(String name, Path images, InputStream text, long size) {
        this.name = name;
        this.images = images;
        this.size = size;
        lines = new BufferedReader(TextFile.escapingReader(text));
    }

    /**
     * The lines of a file.
     *
     * @param images the folder of images
     * @throws UncheckedIOException if the file cannot be read
     */
    static ImageList of(Path list, Path images) {
        try {
            return new ImageList(list.toString(), images, Files.newInputStream(list), Files.size(list));
        } catch (IOException e) {
            throw new UncheckedIOException("%s %s".formatted(list, TextFile.problem(list, e)), e);
        }
    }

    /**
     * The lines of a text that comes from elsewhere.
     *
     * @param images the folder of images
     */
    static ImageList of(InputStream text, Path images) {
        return new ImageList("standard input", images, text, 0);
    }

    @Override
    public boolean hasNext() {
        try {
            while (next == null || next.isBlank()) {
                next = lines.readLine();
                if (next == null) {
                    return false;
                }
                number++;
                passed += next.getBytes(UTF_8).length + 1;
            }
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "%s cannot be read after line %d (%s)".formatted(name, number, e.getMessage()), e);
        }
    }

    @Override
    public SourceImage next() {
        if (!hasNext() || next == null) {
            throw new NoSuchElementException("%s has no further image".formatted(name));
        }
        String line = next;
        next = null;
        var foreign = FOREIGN.matcher(line);
        if (foreign.find()) {
            int found = line.charAt(foreign.start()) & 0xFF;
            return unusable(
                    foreign.replaceAll("\uFFFD"),
                    "byte 0x%02X is not in the list's encoding, which should be UTF-8".formatted(found));
        }
        try {
            boolean object = line.stripLeading().startsWith("{");
            return object ? object(JsonText.parse(line)) : new SourceImage(line, onDisk(line));
        } catch (JsonProcessingException e) {
            return unusable(line, e.getOriginalMessage());
        } catch (IllegalArgumentException e) { // that of a path is one
            return unusable(line, String.valueOf(e.getMessage()));
        }
    }

    private ImageContent onDisk(String path) throws InvalidPathException {
        return new ImageContent.OnDisk(images.resolve(FileNames.path(path)));
    }

    private SourceImage unusable(String line, String problem) {
        return new SourceImage(
                line,
                new ImageContent.Unusable(
                        "%s, line %d: %s; expected a path, or %s".formatted(name, number, problem, EXPECTED)));
    }

    private SourceImage object(JsonNode line) {
        String image = text(line, "image");
        require(!image.isEmpty(), "image is empty");
        return new SourceImage(image, onDisk(image), prompts(line), boxes(line.path("boxes")));
    }

    private static List<String> prompts(JsonNode line) {
        var prompt = line.path("prompt");
        if (prompt.isMissingNode() || prompt.isNull()) {
            return List.of();
        }
        if (!prompt.isArray()) {
            return List.of(text(line, "prompt"));
        }
        var prompts = new ArrayList<String>();
        prompt.forEach(each -> prompts.add(text(each, "prompt", prompt)));
        require(!prompts.isEmpty(), "prompt is []");
        return prompts;
    }

    private static String text(JsonNode line, String key) {
        return text(line.path(key), key, line.path(key));
    }

    private static String text(JsonNode value, String key, JsonNode shown) {
        if (!value.isTextual() || !JsonText.isWhole(value.textValue())) {
            throw new IllegalArgumentException("%s is %.60s".formatted(key, JsonText.found(shown)));
        }
        return value.textValue();
    }

    private static @Nullable List<Box> boxes(JsonNode value) {
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (!value.isArray()) {
            throw new IllegalArgumentException("boxes is %.60s".formatted(JsonText.found(value)));
        }
        var boxes = new ArrayList<Box>();
        for (var each : value) {
            var box = new Box(
                    each.path(0).asInt(),
                    each.path(1).asInt(),
                    each.path(2).asInt(),
                    each.path(3).asInt());
            boolean whole = each.isArray() && each.size() == NUMBERS;
            for (var number : each) {
                whole &= number.canConvertToInt() && number.isIntegralNumber();
            }
            if (!whole || box.width() < 1 || box.height() < 1) {
                throw new IllegalArgumentException("boxes has %.60s".formatted(JsonText.found(each)));
            }
            boxes.add(box);
        }
        return boxes;
    }

    @Override
    public double share() {
        return size == 0 ? Double.NaN : Math.min(1, passed / (double) size);
    }

    @Override
    public void close() {
        try {
            lines.close();
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be closed".formatted(name), e);
        }
    }
}
