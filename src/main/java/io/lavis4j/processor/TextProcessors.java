package io.lavis4j.processor;

import io.lavis4j.config.Nearest;
import io.lavis4j.config.Section;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Text processors by the names and arguments that LAVIS's configuration files give them. */
public final class TextProcessors {

    private static final String CAPTION = "blip_caption";
    private static final String QUESTION = "blip_question";
    private static final int MAX_WORDS = 50;

    private TextProcessors() {}

    /**
     * Reads {@code name} and the arguments beside it: {@code prompt} and {@code max_words} of {@code blip_caption},
     * {@code max_words} of {@code blip_question}.
     *
     * @return {@code null} if there was any problem, which {@link Section#requireValid()} will throw
     */
    public static @Nullable TextProcessor read(Section section) {
        String name = section.string("name");
        return switch (name) {
            case CAPTION ->
                section.read(s -> new BlipCaption(s.string("prompt", ""), s.integer("max_words", MAX_WORDS)));
            case QUESTION -> section.read(s -> new BlipQuestion(s.integer("max_words", MAX_WORDS)));
            default -> {
                if (section.has("name")) {
                    section.problem(
                            "name",
                            "\"%s\" is not a text processor; %s"
                                    .formatted(name, Nearest.advice(name, List.of(CAPTION, QUESTION))));
                }
                yield null;
            }
        };
    }
}
