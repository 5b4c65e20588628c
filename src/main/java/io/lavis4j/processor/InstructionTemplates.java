package io.lavis4j.processor;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.io.JsonFile;
import io.lavis4j.io.JsonText;
import io.lavis4j.processor.BlipInstruction.Task;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Sentences that instructions are drawn from: a JSON object of lists, {@code {"caption": ["..."], "qa": ["... {}
 * ..."]}}, of which those that are not needed may be left out. Those of this library are its resource
 * {@code instructions.json}.
 *
 * @param caption that ask for a caption
 * @param qa with one place <code>{}</code> for a question
 * @param classification that ask for a label
 * @param label answers to these, with one place <code>{}</code> for a label and its article; a label alone where the
 *     list is left out
 */
public record InstructionTemplates(
        List<String> caption, List<String> qa, List<String> classification, List<String> label) {

    static final String PLACE = "{}";

    private static final String BUNDLED = "instructions.json";
    private static final String EXPECTED = "a JSON object with lists of texts under caption, qa, classification, label";
    private static final List<String> KEYS = List.of("caption", "qa", "classification", "label");

    public InstructionTemplates {
        caption = checked("caption", caption, 0);
        qa = checked("qa", qa, 1);
        classification = checked("classification", classification, 0);
        label = checked("label", label.isEmpty() ? List.of(PLACE) : label, 1);
    }

    private static List<String> checked(String key, List<String> templates, int places) {
        for (String template : templates) {
            int found = template.split("\\{}", -1).length - 1;
            if (template.isBlank() || found != places) {
                throw new IllegalArgumentException("%s has the template \"%s\"; expected a text with %s"
                        .formatted(key, template, places == 0 ? "no place {}" : "one place {}"));
            }
        }
        return List.copyOf(templates);
    }

    /** This library's own. */
    public static InstructionTemplates bundled() {
        try (var in = InstructionTemplates.class.getResourceAsStream(BUNDLED)) {
            if (in == null) {
                throw new IllegalStateException("the library lacks its file " + BUNDLED);
            }
            return of(JsonText.parse(in.readAllBytes()));
        } catch (IOException e) {
            throw new UncheckedIOException(BUNDLED + " in the library cannot be read", e);
        }
    }

    /**
     * Those of a file.
     *
     * @throws UncheckedIOException if it is not there or cannot be read
     * @throws IllegalArgumentException if it has another form
     */
    public static InstructionTemplates read(Path file) {
        try {
            return of(JsonFile.of(file, EXPECTED).object());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("%s: %s".formatted(file.toAbsolutePath(), e.getMessage()), e);
        }
    }

    private static InstructionTemplates of(JsonNode json) {
        json.fieldNames().forEachRemaining(key -> {
            if (!KEYS.contains(key)) {
                throw new IllegalArgumentException("\"%s\" is unknown; expected %s".formatted(key, EXPECTED));
            }
        });
        return new InstructionTemplates(
                texts(json, "caption"), texts(json, "qa"), texts(json, "classification"), texts(json, "label"));
    }

    private static List<String> texts(JsonNode json, String key) {
        var texts = new ArrayList<String>();
        var list = json.path(key);
        if (!list.isMissingNode() && !list.isArray()) {
            throw notTexts(key, list);
        }
        for (var text : list) {
            if (!text.isTextual()) {
                throw notTexts(key, text);
            }
            texts.add(text.textValue());
        }
        return texts;
    }

    private static IllegalArgumentException notTexts(String key, JsonNode found) {
        return new IllegalArgumentException(
                "%s has %.60s; expected a list of texts".formatted(key, JsonText.found(found)));
    }

    /** The name of a task's list. */
    static String key(Task task) {
        return task.name().toLowerCase(Locale.ROOT);
    }

    /** Those of a task, none for {@link Task#EVAL}. */
    List<String> of(Task task) {
        return switch (task) {
            case CAPTION -> caption;
            case QA -> qa;
            case CLASSIFICATION -> classification;
            case EVAL -> List.of();
        };
    }

    static String draw(List<String> templates, SampleRandom random) {
        return templates.get(random.integer(0, templates.size()));
    }
}
