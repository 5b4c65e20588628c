package io.lavis4j.processor;

import io.lavis4j.config.Section;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Text processors by the names and arguments that LAVIS's configuration files give them. */
public final class TextProcessors {

    private static final int MAX_WORDS = 50;

    private TextProcessors() {}

    /** LAVIS's processors: {@code blip_caption} takes a prompt. */
    public static final class Lavis implements TextProcessorType.Provider {

        @Override
        public List<TextProcessorType> get() {
            return List.of(
                    new TextProcessorType(
                            "blip_caption",
                            s -> new BlipCaption(s.string("prompt", ""), s.integer("max_words", MAX_WORDS))),
                    new TextProcessorType("blip_question", s -> new BlipQuestion(s.integer("max_words", MAX_WORDS))));
        }
    }

    /**
     * Reads {@code name} and the arguments beside it: {@code prompt} and {@code max_words} of {@code blip_caption},
     * {@code max_words} of {@code blip_question}.
     *
     * @return {@code null} if there was any problem, which {@link Section#requireValid()} will throw
     */
    public static @Nullable TextProcessor read(Section section) {
        var type = TextProcessorType.registry().read(section, "name");
        return type == null ? null : section.read(type.reader());
    }
}
