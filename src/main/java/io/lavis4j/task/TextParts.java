package io.lavis4j.task;

import io.lavis4j.config.Section;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Parts that texts are written in, each after its name and a colon: {@code Clue: a wet dog Inference: it rains}.
 *
 * @param names in their order, as {@code Clue}; empty where texts have no parts
 */
public record TextParts(List<String> names) {

    private static final String KEY = "text_parts";

    /** Texts without parts. */
    public static final TextParts NONE = new TextParts(List.of());

    public TextParts {
        names = List.copyOf(names);
    }

    /** Reads the key {@code text_parts}. */
    static TextParts read(Section run) {
        var names = run.strings(KEY);
        run.check(
                names.isEmpty()
                        || (names.size() > 1
                                && names.stream().distinct().count() == names.size()
                                && names.stream().allMatch(name -> name.matches("\\w+"))),
                KEY,
                "the names of two parts or more, each a word of its own");
        return new TextParts(names);
    }

    /** The part that is scored as captions are: the last. */
    String scored() {
        return names.get(names.size() - 1);
    }

    /** The other parts. */
    List<String> others() {
        return names.isEmpty() ? List.of() : names.subList(0, names.size() - 1);
    }

    /** The name of a part in scores and folders. */
    static String key(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    /**
     * A part of a written text, which may begin without the first name, as what continues a prompt does; empty if it is
     * not there.
     */
    String written(String text, String name) {
        return parts(text, true).getOrDefault(name, "");
    }

    /** A part of references, as far as they have it; one without any name is of the main part. */
    List<String> references(List<String> texts, String name) {
        var found = new ArrayList<String>();
        for (String text : texts) {
            var parts = parts(text, false);
            if (parts.isEmpty() && name.equals(scored())) {
                found.add(text);
            } else if (parts.containsKey(name)) {
                found.add(parts.get(name));
            }
        }
        return found;
    }

    /** A part that no reference has; {@code null} if each is there. */
    @Nullable
    String lacking(List<String> texts) {
        return names.stream()
                .filter(name -> references(texts, name).isEmpty())
                .findFirst()
                .orElse(null);
    }

    /** What stands after each name, the first of its occurrences after those of the names before it. */
    private Map<String, String> parts(String text, boolean continues) {
        var parts = new TreeMap<String, String>();
        String part = continues ? names.get(0) : "";
        int start = 0, searched = 0;
        for (String name : names) {
            var label = Pattern.compile("\\b" + name + "\\s*:", Pattern.CASE_INSENSITIVE)
                    .matcher(text);
            if (label.find(searched)) {
                parts.put(part, text.substring(start, label.start()).strip());
                part = name;
                start = label.end();
                searched = start;
            }
        }
        parts.put(part, text.substring(start).strip());
        parts.remove("");
        return parts;
    }
}
