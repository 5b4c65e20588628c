package io.lavis4j.runner;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.lavis4j.io.AtomicFile;
import io.lavis4j.io.JsonText;
import io.lavis4j.task.Task;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Appends to {@code log.txt} and {@code evaluate.txt}, line by line, each on disk before the run goes on. A checkpoint
 * keeps their lengths, to which they are cut back when the run goes on from it.
 *
 * @param writes whether this process writes it; others leave it alone
 */
record RunLog(RunDirectory directory, boolean writes) {

    /** A log that is written. */
    RunLog(RunDirectory directory) {
        this(directory, true);
    }

    /** The configuration, indented, at the head of {@code log.txt}. */
    void config(String json) {
        append(directory.log(), json);
    }

    /** The figures of an epoch: {@code train_loss}, {@code val_Bleu_4}, ... */
    void epoch(Map<String, ?> stats) {
        append(directory.log(), JsonText.of(finite(stats)));
    }

    /** The scores of a split, without the one that chooses the best checkpoint. */
    void evaluation(String split, Map<String, Double> scores) {
        var reported = new LinkedHashMap<>(scores);
        reported.remove(Task.AGG_METRICS);
        append(directory.evaluations(), JsonText.of(Map.of(split, finite(reported))));
    }

    private List<Path> files() {
        return List.of(directory.log(), directory.evaluations());
    }

    /** The lengths of its files, bytes, by name. */
    Map<String, Long> lengths() {
        var lengths = new LinkedHashMap<String, Long>();
        for (var file : files()) {
            lengths.put(name(file), Files.isRegularFile(file) ? size(file) : 0);
        }
        return lengths;
    }

    /**
     * Whether its files can be cut back: each is there, and a line ends at its length.
     *
     * @param lengths those of a checkpoint
     */
    boolean has(Map<String, Long> lengths) {
        return files().stream().allMatch(file -> {
            Long length = lengths.get(name(file));
            return length != null && (length == 0 || endsLine(file, length));
        });
    }

    private static boolean endsLine(Path file, long length) {
        byte[] bytes = Files.isRegularFile(file) ? bytes(file) : new byte[0];
        return length <= bytes.length && bytes[Math.toIntExact(length) - 1] == '\n';
    }

    /** Cuts its files back to the lengths of a checkpoint, which it {@link #has}. */
    void cutBack(Map<String, Long> lengths) {
        for (var file : writes ? files() : List.<Path>of()) {
            Long length = lengths.get(name(file));
            if (length == null || !Files.isRegularFile(file)) {
                continue;
            }
            try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(length);
                channel.force(true);
            } catch (IOException e) {
                throw unwritten(file, e);
            }
        }
    }

    /**
     * A validation that came after a checkpoint was written.
     *
     * @param score by which it was judged, that of the first split
     * @param lengths of the log after it
     */
    record Validation(double score, Map<String, Long> lengths) {}

    /**
     * The validation after the segment at whose end a checkpoint was written.
     *
     * @param before the lengths in the checkpoint
     * @param splits that are validated
     * @return {@code null} if there is no such log, or the validation was not logged to the end
     */
    @Nullable
    Validation validation(Map<String, Long> before, List<String> splits) {
        if (splits.isEmpty() || !has(before)) {
            return null;
        }
        var logged = linesAfter(directory.log(), before);
        var evaluated = linesAfter(directory.evaluations(), before);
        if (logged.size() < 1 + splits.size() || evaluated.size() < splits.size()) {
            return null;
        }
        for (int i = 0; i < splits.size(); i++) {
            String prefix = splits.get(i) + "_";
            var names = stats(logged.get(1 + i)).fieldNames();
            if (!names.hasNext() || !names.next().startsWith(prefix)) {
                return null;
            }
        }
        var score = stats(logged.get(1)).path(splits.get(0) + "_" + Task.AGG_METRICS);
        var lengths = new LinkedHashMap<>(before);
        lengths.merge(name(directory.log()), length(logged.subList(0, 1 + splits.size())), Long::sum);
        lengths.merge(name(directory.evaluations()), length(evaluated.subList(0, splits.size())), Long::sum);
        return new Validation(score.isNull() ? Double.NaN : score.asDouble(0), lengths);
    }

    /** The whole lines after a length. */
    private static List<byte[]> linesAfter(Path file, Map<String, Long> lengths) {
        byte[] all = Files.isRegularFile(file) ? bytes(file) : new byte[0];
        var lines = new ArrayList<byte[]>();
        int start = Math.toIntExact(lengths.getOrDefault(name(file), 0L));
        for (int i = start; i < all.length; i++) {
            if (all[i] == '\n') {
                lines.add(Arrays.copyOfRange(all, start, i + 1));
                start = i + 1;
            }
        }
        return lines;
    }

    private static long length(List<byte[]> lines) {
        return lines.stream().mapToLong(line -> line.length).sum();
    }

    private static JsonNode stats(byte[] line) {
        try {
            return JsonText.parse(line);
        } catch (IOException e) {
            return MissingNode.getInstance(); // the disk was full
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be read (%s)".formatted(file.toAbsolutePath(), e), e);
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be read (%s)".formatted(file.toAbsolutePath(), e), e);
        }
    }

    private static String name(Path file) {
        return file.getFileName().toString();
    }

    /** JSON knows no NaN. */
    private static Map<String, @Nullable Object> finite(Map<String, ?> values) {
        var plain = new LinkedHashMap<String, @Nullable Object>();
        values.forEach((name, value) ->
                plain.put(name, value instanceof Double d && !Double.isFinite(d) ? null : value));
        return plain;
    }

    private void append(Path file, String text) {
        if (!writes) {
            return;
        }
        try (var out = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            AtomicFile.writeFully(out, StandardCharsets.UTF_8.encode(text + "\n"));
            out.force(true);
        } catch (IOException e) {
            throw unwritten(file, e);
        }
    }

    private static UncheckedIOException unwritten(Path file, IOException e) {
        return new UncheckedIOException(
                "%s cannot be written (%s); is the disk full?".formatted(file.toAbsolutePath(), e), e);
    }
}
