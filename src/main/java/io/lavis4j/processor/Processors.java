package io.lavis4j.processor;

import io.lavis4j.config.Section;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The processors of a data set, or of a published model: sections {@code vis_processor} and {@code text_processor},
 * each with {@code train} and {@code eval}.
 */
public record Processors(Pair<ImageProcessor> vis, Pair<TextProcessor> text) {

    /** One for training and one for evaluation. */
    public record Pair<T>(T train, T eval) {}

    /** Reads both sections; what is wrong with them is noted there. */
    public static Processors read(Section section) {
        Pair<ImageProcessor> vis = pair(section, "vis_processor", ImageProcessors::read);
        Pair<TextProcessor> text = pair(section, "text_processor", TextProcessors::read);
        return new Processors(Section.present(vis), Section.present(text));
    }

    private static <T> @Nullable Pair<T> pair(Section section, String key, Function<Section, @Nullable T> reader) {
        return section.section(key).<Pair<T>>read(pair -> {
            T train = reader.apply(pair.section("train"));
            T eval = reader.apply(pair.section("eval"));
            return new Pair<>(Section.present(train), Section.present(eval));
        });
    }
}
