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

    /** Phase of training. */
    public static final String TRAIN = "train";

    /** Phase of evaluation. */
    public static final String EVAL = "eval";

    /** One processor for training and one for evaluation. */
    public static final class Phases<T> {

        private static final List<String> NAMES = List.of(TRAIN, EVAL);

        private final String path;
        private final Map<String, T> processors;

        private Phases(String path, Map<String, T> processors) {
            this.path = path;
            this.processors = Map.copyOf(processors);
        }

        /** @throws IllegalArgumentException if none is configured */
        public T train() {
            return get(TRAIN);
        }

        /** @throws IllegalArgumentException if none is configured */
        public T eval() {
            return get(EVAL);
        }

        /** The one for training, or for evaluation where that is all there is. */
        public T trainOrEval() {
            return has(TRAIN) ? train() : eval();
        }

        /** Dotted path of the section. */
        public String path() {
            return path;
        }

        /** Whether there is one for a phase. */
        public boolean has(String phase) {
            return processors.containsKey(phase);
        }

        /** Whether there is none at all. */
        public boolean isEmpty() {
            return processors.isEmpty();
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

    /**
     * Notes it if the images of a phase, where it is configured, are not of the model's size.
     *
     * @param root of the configuration
     * @param modelSize value of {@code model.image_size}, pixels
     */
    public void checkImageSize(Section root, String phase, int modelSize) {
        if (vis.has(phase) && vis.get(phase).imageSize() != modelSize) {
            root.problem(
                    "%s.%s.image_size".formatted(vis.path(), phase),
                    "is %d, but model.image_size is %d; set both to the same size"
                            .formatted(vis.get(phase).imageSize(), modelSize));
        }
    }

    /** Reads both sections; what is wrong with them is noted there. */
    public static Processors read(Section section) {
        Phases<ImageProcessor> vis = Phases.read(section, "vis_processor", ImageProcessors::read);
        Phases<TextProcessor> text = Phases.read(section, "text_processor", TextProcessors::read);
        return new Processors(vis, text);
    }
}
