package io.lavis4j.metric.sherlock;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Whether the leaderboard takes a zip file, by the rules of its own check: the file's name, the names of the arrays,
 * their lengths and types, and no NaN. Stricter than there: {@code comparison} has its length checked too, and arrays
 * have one dimension.
 *
 * <p>That the scores stand in the order of the sorted test ids cannot be seen in a file; {@link Submission#array} puts
 * them so.
 *
 * @param problems for each of which the file is refused; empty if it is taken
 * @param remarks on what is taken but perhaps not meant: tasks left out, files that nobody reads
 * @param arrays those that are right
 */
public record SubmissionCheck(List<String> problems, List<String> remarks, List<String> arrays) {

    private static final int LARGEST_HEADER = 1 << 17;

    public SubmissionCheck {
        problems = List.copyOf(problems);
        remarks = List.copyOf(remarks);
        arrays = List.copyOf(arrays);
    }

    /** Checks a file; that it cannot be read is a problem too. */
    public static SubmissionCheck of(Path file, SubmissionLayout layout) {
        var reading = new Reading(layout);
        try {
            Submission.requireName(file);
        } catch (IllegalArgumentException e) {
            reading.problems.add(String.valueOf(e.getMessage()));
        }
        if (!Files.isRegularFile(file)) {
            reading.problems.add("%s: is not there; expected a zip file".formatted(file));
            return reading.result();
        }
        try (var zip = new ZipFile(file.toFile())) {
            reading.read(zip);
        } catch (IOException e) {
            reading.problems.add("%s: is not a zip file that can be read (%s)".formatted(file, e.getMessage()));
        }
        return reading.result();
    }

    /** The findings so far. */
    private static final class Reading {
        private final Map<String, Integer> lengths;
        private final List<String> problems = new ArrayList<>();
        private final List<String> remarks = new ArrayList<>();
        private final List<String> arrays = new ArrayList<>();

        Reading(SubmissionLayout layout) {
            lengths = layout.lengths();
        }

        SubmissionCheck result() {
            return new SubmissionCheck(problems, remarks, arrays);
        }

        void read(ZipFile zip) throws IOException {
            var unread = new TreeSet<String>();
            zip.stream()
                    .filter(entry -> !entry.isDirectory())
                    .map(ZipEntry::getName)
                    .forEach(unread::add);
            var missing = new ArrayList<String>();
            for (String name : lengths.keySet()) {
                String path = Submission.FOLDER + name + Submission.EXTENSION;
                var entry = zip.getEntry(path);
                if (entry == null) {
                    missing.add(name);
                } else {
                    unread.remove(path);
                    check(zip, entry, name);
                }
            }
            report(missing, unread);
        }

        private void check(ZipFile zip, ZipEntry entry, String name) throws IOException {
            int expected = lengths.getOrDefault(name, 0);
            int most = LARGEST_HEADER + Double.BYTES * expected;
            NpyArray array;
            try (var in = zip.getInputStream(entry)) {
                byte[] content = in.readNBytes(most + 1);
                if (content.length > most) {
                    problems.add("%s: has more than %d bytes; expected an array of %d scores"
                            .formatted(entry.getName(), most, expected));
                    return;
                }
                array = NpyArray.parse(entry.getName() + ":", content);
            } catch (IllegalArgumentException e) {
                problems.add(String.valueOf(e.getMessage()));
                return;
            }
            int nan = array.firstNaN();
            if (array.length() != expected) {
                problems.add("%s: has %d scores; expected %d, one for each test id"
                        .formatted(entry.getName(), array.length(), expected));
            } else if (nan >= 0) {
                problems.add("%s: the score at index %d is NaN; expected numbers".formatted(entry.getName(), nan));
            } else {
                arrays.add(name);
            }
        }

        private void report(List<String> missing, Set<String> unread) {
            if (missing.contains(SubmissionLayout.COMPARISON)) {
                problems.add("%s%s%s: is missing; every submission needs it (found %s)"
                        .formatted(
                                Submission.FOLDER,
                                SubmissionLayout.COMPARISON,
                                Submission.EXTENSION,
                                unread.isEmpty() ? "nothing else" : String.join(", ", unread)));
            }
            var optional = missing.stream()
                    .filter(name -> !name.equals(SubmissionLayout.COMPARISON))
                    .toList();
            if (!optional.isEmpty()) {
                remarks.add("left out, and not scored: " + String.join(", ", optional)
                        + (optional.stream().anyMatch(name -> name.startsWith("retrieval"))
                                        && arrays.stream().anyMatch(name -> name.startsWith("retrieval"))
                                ? "; retrieval needs all of its splits"
                                : ""));
            }
            if (!unread.isEmpty()) {
                remarks.add("not read by the leaderboard: " + String.join(", ", unread));
            }
        }
    }
}
