package io.lavis4j.zoo;

import io.lavis4j.model.llama.LlamaConfig;
import io.lavis4j.model.opt.OptConfig;
import io.lavis4j.model.t5.T5Config;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Shapes of published language models of one kind, for a model that is looked at without its files.
 *
 * @param <C> the shape
 * @param byName shapes by the last part of a name: {@code opt-2.7b} is {@code facebook/opt-2.7b}
 * @param reader of a folder's {@code config.json}
 */
record PublishedShapes<C>(Map<String, C> byName, Function<Path, C> reader) {

    static final PublishedShapes<OptConfig> OPT = new PublishedShapes<>(opt(), Blip2OptType::shape);
    static final PublishedShapes<T5Config> T5 = new PublishedShapes<>(
            Map.of(
                    "flan-t5-xl", Blip2T5Type.asInLavis(T5Config.flanT5Xl()),
                    "flan-t5-xxl", Blip2T5Type.asInLavis(T5Config.flanT5Xxl())),
            Blip2T5Type::shape);
    static final PublishedShapes<LlamaConfig> VICUNA = new PublishedShapes<>(
            Map.of("vicuna-7b", LlamaConfig.vicuna7b(), "vicuna-13b", LlamaConfig.vicuna13b()),
            Blip2VicunaInstructType::shape);

    private static Map<String, OptConfig> opt() {
        var shapes = new LinkedHashMap<String, OptConfig>();
        OptConfig.published().forEach(name -> shapes.put(name, OptConfig.published(name)));
        return shapes;
    }

    /**
     * A model's shape: that of its folder if there is one, which is what loading takes, else the published one.
     *
     * @param reference folder or name of the model
     * @throws IllegalArgumentException if there is neither
     */
    C of(String reference, WeightFiles weights) {
        var folder = weights.findModel(reference);
        if (folder.isPresent()) {
            return reader.apply(folder.get());
        }
        var published = byName.get(reference.substring(reference.lastIndexOf('/') + 1));
        if (published == null) {
            throw new IllegalArgumentException(
                    "the shape of \"%s\" is not known: it is neither a folder with a config.json nor one of %s"
                            .formatted(
                                    reference, byName.keySet().stream().sorted().toList()));
        }
        return published;
    }
}
