package io.lavis4j.caption;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.io.AtomicFile;
import io.lavis4j.io.JsonFile;
import io.lavis4j.io.JsonText;
import io.lavis4j.io.WriteLock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A file of rows, JSON or CSV, in the order of the input. One that is there already goes on after its last whole row:
 * each row is compared with the image and prompt whose turn it is. Beside it, {@code NAME.settings.json} says what it
 * was made of. What is to be overwritten stays until there is a row to put in its place.
 *
 * <p>The file is locked while it is open; where the file system has no locks, nobody is kept out.
 */
public final class RowFile implements CaptionOutput {

    private static final String NOT_SET = "not set";

    private final Path path;
    private final Path beside;
    private final RowFormat format;
    private final Map<String, Object> settings;
    private final FileChannel file;
    private @Nullable RowReader written;
    private boolean begun; // what is there is of this job
    private long end;
    private long rows;

    private RowFile(Path path, RowFormat format, Map<String, Object> settings, FileChannel file) {
        this.path = path;
        beside = path.resolveSibling(path.getFileName() + ".settings.json");
        this.format = format;
        this.settings = settings;
        this.file = file;
    }

    /**
     * Opens a file of JSON objects, one a line.
     *
     * @param settings all that captions depend on, by name
     * @param overwrite whether the first row takes the place of what is there
     * @throws IllegalArgumentException as {@link #requirePlace}
     * @throws IllegalStateException if it is being written, was not written by this class, or with other settings
     * @throws UncheckedIOException if it cannot be opened
     */
    public static RowFile json(Path path, Map<String, Object> settings, boolean overwrite) {
        return open(path, new RowFormat.JsonRows(), settings, overwrite);
    }

    /**
     * Opens a file of comma-separated values; otherwise as {@link #json}.
     *
     * @param captions for each image and prompt
     */
    public static RowFile csv(Path path, int captions, Map<String, Object> settings, boolean overwrite) {
        return open(path, new RowFormat.CsvRows(captions), settings, overwrite);
    }

    /**
     * Looks at where a file is to be.
     *
     * @throws IllegalArgumentException if there is no such folder, or the file is one
     */
    public static void requirePlace(Path path) {
        var folder = path.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new IllegalArgumentException(
                    "%s cannot be written: there is no folder %s; make it first".formatted(path, folder));
        }
        if (Files.isDirectory(path)) {
            throw new IllegalArgumentException("%s is a folder; name a file in it".formatted(path));
        }
    }

    private static RowFile open(Path path, RowFormat format, Map<String, Object> settings, boolean overwrite) {
        requirePlace(path);
        try {
            var file = FileChannel.open(
                    path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            try {
                var rows = new RowFile(path, format, settings, file);
                rows.begin(overwrite);
                return rows;
            } catch (RuntimeException | Error | IOException e) {
                file.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be opened (%s)".formatted(path, e), e);
        }
    }

    private void begin(boolean overwrite) throws IOException {
        if (!WriteLock.take(file)) {
            throw new IllegalStateException(
                    "%s is being written by another process; wait for it, or end it, and go on then".formatted(path));
        }
        begun = !overwrite && file.size() > 0;
        if (begun) {
            requireSame();
            readHeader();
        }
    }

    /** Rows never stand beside settings that they were not made with, wherever this ends. */
    private void beginAnew() throws IOException {
        Files.deleteIfExists(beside);
        file.truncate(0);
        JsonFile.write(beside, settings);
        begun = true;
    }

    private void requireSame() throws IOException {
        if (!Files.exists(beside)) {
            throw new IllegalStateException(
                    "%s is there, and %s, which would say how it was made, is not; name another file, or remove it"
                            .formatted(path, beside.getFileName()));
        }
        var before = flat(JsonFile.of(beside, "the settings of " + path).object());
        var now = flat(JsonText.parse(JsonText.of(settings)));
        var names = new TreeSet<>(before.keySet());
        names.addAll(now.keySet());
        var differences = names.stream()
                .filter(name -> !Objects.equals(before.get(name), now.get(name)))
                .map(name -> "%s was %s and is %s"
                        .formatted(name, before.getOrDefault(name, NOT_SET), now.getOrDefault(name, NOT_SET)))
                .toList();
        if (!differences.isEmpty()) {
            throw new IllegalStateException("%s cannot go on: %s; name another file, or begin anew with --overwrite"
                    .formatted(path, String.join("; ", differences)));
        }
    }

    /** Values by dotted names, as they are in messages. */
    private static Map<String, String> flat(JsonNode object) {
        var flat = new TreeMap<String, String>();
        object.properties().forEach(field -> {
            if (field.getValue().isObject()) {
                flat(field.getValue()).forEach((name, value) -> flat.put(field.getKey() + "." + name, value));
            } else {
                flat.put(field.getKey(), field.getValue().toString());
            }
        });
        return flat;
    }

    /** A header that was not written whole is written again. */
    private void readHeader() throws IOException {
        var reader = new RowReader(Channels.newInputStream(file.position(0)), format.quotes());
        if (!format.header().isEmpty()) {
            byte[] header = reader.next();
            if (header == null) {
                append(format.header());
                return;
            }
            if (!format.header().equals(new String(header, UTF_8))) {
                throw new IllegalStateException(
                        "%s does not begin with %s; name another file, or begin anew with --overwrite"
                                .formatted(path, format.header().strip()));
            }
        }
        end = reader.position();
        written = reader;
    }

    @Override
    public List<String> remaining(SourceImage image, List<String> prompts) {
        int done = 0;
        while (done < prompts.size()) {
            var before = next();
            if (before == null) {
                break;
            }
            if (!before.image().equals(image.name()) || !before.prompt().equals(prompts.get(done))) {
                throw new IllegalStateException(
                        ("%s has in row %d image %s with prompt \"%s\", where the input has %s with \"%s\" now: files were"
                                        + " added or removed since; name another file, or begin anew with --overwrite")
                                .formatted(
                                        path, rows, before.image(), before.prompt(), image.name(), prompts.get(done)));
            }
            done++;
        }
        return prompts.subList(done, prompts.size());
    }

    /** What is done already and has not been asked for; once there is no more, writing begins. */
    private RowFormat.@Nullable Done next() {
        if (written == null) {
            return null;
        }
        try {
            var done = format.read(written);
            if (done == null) {
                written = null;
                return null;
            }
            rows++;
            end = written.position();
            return done;
        } catch (IOException e) {
            throw new IllegalStateException(
                    "%s, row %d is not one that was written here (%s); name another file, or begin anew with --overwrite"
                            .formatted(path, rows + 1, e.getMessage()),
                    e);
        }
    }

    @Override
    public void write(SourceImage image, List<Captioned> results) {
        var text = new StringBuilder();
        results.forEach(result -> text.append(format.rows(image.name(), result)));
        append(text.toString());
    }

    /** One write for all rows of an image, over what follows the last whole row. */
    private void append(String rows) {
        String text = begun ? rows : format.header() + rows;
        try {
            if (!begun) {
                beginAnew();
            }
            if (file.size() > end) {
                file.truncate(end);
            }
            file.position(end);
            AtomicFile.writeFully(file, UTF_8.encode(text));
            end = file.position();
        } catch (IOException e) {
            cut(e);
            throw new UncheckedIOException(
                    "%s cannot be written (%s); is the disk full? The same command goes on after the last row"
                            .formatted(path, e.getMessage()),
                    e);
        }
    }

    /** What was written in part of a row is taken away, as others may read the file before this goes on. */
    private void cut(IOException failure) {
        try {
            file.truncate(end);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    @Override
    public void end() {
        var more = next();
        if (more != null) {
            throw new IllegalStateException(
                    ("%s has %d rows and more, the next of %s, and the input has no further image: files were removed"
                                    + " since; name another file, or begin anew with --overwrite")
                            .formatted(path, rows - 1, more.image()));
        }
        append("");
        try {
            file.force(true);
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be brought to the disk (%s)".formatted(path, e.getMessage()), e);
        }
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be closed (%s)".formatted(path, e), e);
        }
    }
}
