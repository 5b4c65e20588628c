package io.lavis4j.processor;

import io.lavis4j.config.Registry;
import io.lavis4j.config.Section;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A kind of text processor.
 *
 * @param name as in the key {@code name} of a processor's section
 * @param reader of the arguments beside the name
 */
public record TextProcessorType(String name, Function<Section, ? extends TextProcessor> reader) {

    /**
     * Names processors of a jar; listed in its
     * {@code META-INF/services/io.lavis4j.processor.TextProcessorType$Provider}.
     */
    public interface Provider extends Supplier<List<TextProcessorType>> {}

    /** All kinds on the class path. */
    static Registry<TextProcessorType> registry() {
        return Registry.of("text processor", Provider.class, TextProcessorType::name);
    }
}
