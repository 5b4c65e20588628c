package io.lavis4j.tensorboard;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A file of TensorBoard's events, which holds scalars by step. Each event is one write, so the file of a killed process
 * can be read to its end.
 *
 * <p>A run that goes on writes a file of its own beside those that are there. TensorBoard reads them by name, so its
 * name comes after theirs, and it begins with the start of a session, from whose step on TensorBoard forgets what it
 * has read.
 */
public final class EventFile implements AutoCloseable {

    private static final String VERSION = "brain.Event:2";
    private static final int SESSION_START = 1;
    private static final Pattern NAME = Pattern.compile("events\\.out\\.tfevents\\.(\\d{10})\\..*");
    private static final double NANOS = 1e-9;

    private final Path path;
    private final FileChannel out;

    private EventFile(Path path, FileChannel out) {
        this.path = path;
        this.out = out;
    }

    /**
     * A new file.
     *
     * @param folder which is made where it is not there
     * @param firstStep the first that may come; events of this and later steps in earlier files no longer count
     */
    public static EventFile create(Path folder, Instant now, long firstStep) {
        try {
            Files.createDirectories(folder);
            var file = create(folder, Math.max(now.getEpochSecond(), newest(folder) + 1));
            file.write(event(now).text(3, VERSION));
            file.write(event(now).varint(2, firstStep).message(7, new Message().varint(1, SESSION_START)));
            return file;
        } catch (IOException | DirectoryIteratorException e) {
            throw new UncheckedIOException(
                    "%s: no event file can be made (%s); let the folder be written to, or set run.tensorboard=False"
                            .formatted(folder.toAbsolutePath(), e),
                    e instanceof IOException io ? io : new IOException(e));
        }
    }

    private static EventFile create(Path folder, long second) throws IOException {
        var path = folder.resolve("events.out.tfevents.%010d.lavis4j".formatted(second));
        try {
            return new EventFile(path, FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
        } catch (FileAlreadyExistsException e) { // another process was faster
            return create(folder, second + 1);
        }
    }

    /** The largest time in the name of a file that is there, in seconds; -1 if there is none. */
    private static long newest(Path folder) throws IOException {
        long newest = -1;
        try (var entries = Files.newDirectoryStream(folder)) {
            for (var entry : entries) {
                var name = NAME.matcher(entry.getFileName().toString());
                newest = name.matches() ? Math.max(newest, Long.parseLong(name.group(1))) : newest;
            }
        }
        return newest;
    }

    /**
     * Writes scalars of a step.
     *
     * @param values by name; TensorBoard groups names by what is before their first slash: {@code train/loss}
     * @throws UncheckedIOException if the file cannot be written
     */
    public void scalars(Instant now, long step, Map<String, ? extends Number> values) {
        var summary = new Message();
        values.forEach(
                (name, value) -> summary.message(1, new Message().text(1, name).fixed32(2, value.floatValue())));
        try {
            write(event(now).varint(2, step).message(5, summary));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "%s cannot be written (%s); is the disk full?".formatted(path.toAbsolutePath(), e), e);
        }
    }

    private static Message event(Instant now) {
        return new Message().fixed64(1, now.getEpochSecond() + now.getNano() * NANOS);
    }

    private void write(Message event) throws IOException {
        var frame = Frame.of(event.bytes());
        while (frame.hasRemaining()) {
            out.write(frame);
        }
    }

    /** Closes the file, which is complete. */
    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be closed (%s)".formatted(path.toAbsolutePath(), e), e);
        }
    }
}
