package io.lavis4j.processor;

import io.lavis4j.config.Registry;
import io.lavis4j.config.Section;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A kind of image processor.
 *
 * @param name as in the key {@code name} of a processor's section
 * @param reader of the arguments beside the name
 */
public record ImageProcessorType(String name, Function<Section, ? extends ImageProcessor> reader) {

    /**
     * Names processors of a jar; listed in its
     * {@code META-INF/services/io.lavis4j.processor.ImageProcessorType$Provider}.
     */
    public interface Provider extends Supplier<List<ImageProcessorType>> {}

    /** All kinds on the class path. */
    static Registry<ImageProcessorType> registry() {
        return Registry.of("image processor", Provider.class, ImageProcessorType::name);
    }
}
