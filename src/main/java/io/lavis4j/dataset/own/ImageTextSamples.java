package io.lavis4j.dataset.own;

import io.lavis4j.dataset.AnnotationException;
import io.lavis4j.dataset.own.ImageText.Subject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The samples of records. All have ids: where a record has none, its image's path, with a number from the second. */
final class ImageTextSamples {

    private ImageTextSamples() {}

    /** For training: each caption by itself, each question with its answers. */
    static List<ImageText> separate(List<ImageText> records) {
        return named(records).stream()
                .flatMap(record -> record.question() != null
                        ? Stream.of(record)
                        : record.texts().stream().map(text -> record.withTexts(List.of(text))))
                .toList();
    }

    /**
     * For evaluation: the texts of records with one id together.
     *
     * @param user for messages
     * @throws AnnotationException if records of one id are of different images, questions or regions
     */
    static List<ImageText> joined(String user, List<ImageText> records) {
        var joined = new LinkedHashMap<String, ImageText>();
        for (var record : named(records)) {
            String id = Objects.requireNonNull(record.id());
            var known = joined.get(id);
            if (known != null && !known.subject().equals(record.subject())) {
                throw new AnnotationException(
                        "%s: the id %s is that of %s and of %s; expected one for each, as results are keyed by it"
                                .formatted(user, id, known.subject(), record.subject()));
            }
            joined.put(id, known == null ? record : known.and(record.texts()));
        }
        return List.copyOf(joined.values());
    }

    private static List<ImageText> named(List<ImageText> records) {
        var names = new HashMap<Subject, String>();
        var counts = new HashMap<String, Integer>();
        var named = new ArrayList<ImageText>(records.size());
        for (var record : records) {
            named.add(
                    record.id() != null
                            ? record
                            : record.withId(names.computeIfAbsent(record.subject(), subject -> {
                                int count = counts.merge(subject.path(), 1, Integer::sum);
                                return count == 1 ? subject.path() : subject.path() + "#" + count;
                            })));
        }
        return named;
    }
}
