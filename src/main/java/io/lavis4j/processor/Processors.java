package io.lavis4j.processor;

import io.lavis4j.config.Section;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The processors of a data set, or of a published model: sections {@code vis_processor} and {@code text_processor},
 * each with {@code train} and {@code eval}, as far as configured.
 */
public record Processors(Phases<ImageProcessor> vis, Phases<TextProcessor> text) {

    /** One processor for training and one for evaluation. */
    public static final class Phases<T> {

        private static final List<String> NAMES = List.of("train", "eval");

        private final String path;
        private final Map<String, T> processors;

        private Phases(String path, Map<String, T> processors) {
            this.path = path;
            this.processors = Map.copyOf(processors);
        }

        /** @throws IllegalArgumentException if none is configured */
        public T train() {
            return get("train");
        }

        /** @throws IllegalArgumentException if none is configured */
        public T eval() {
            return get("eval");
        }

        private T get(String phase) {
            var processor = processors.get(phase);
            if (processor == null) {
                throw new IllegalArgumentException(
                        "there is no %s.%s; expected a processor's name and arguments".formatted(path, phase));
            }
            return processor;
        }

        private static <T> Phases<T> read(Section section, String key, Function<Section, @Nullable T> reader) {
            var processors = new HashMap<String, T>();
            var configured = section.sectionIfPresent(key);
            if (configured != null) {
                configured.read(phases -> {
                    for (String phase : NAMES) {
                        var arguments = phases.sectionIfPresent(phase);
                        T processor = arguments == null ? null : reader.apply(arguments);
                        if (processor != null) {
                            processors.put(phase, processor);
                        }
                    }
                    return processors;
                });
            }
            return new Phases<>(section.path(key), processors);
        }
    }

    /** Reads both sections; what is wrong with them is noted there. */
    public static Processors read(Section section) {
        Phases<ImageProcessor> vis = Phases.read(section, "vis_processor", ImageProcessors::read);
        Phases<TextProcessor> text = Phases.read(section, "text_processor", TextProcessors::read);
        return new Processors(vis, text);
    }
}
