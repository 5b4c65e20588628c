package io.lavis4j.bench;

import io.lavis4j.model.blip2.Blip2Config;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.model.blip2.Blip2OptConfig;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tokenize.Tokenizer;
import java.nio.file.Path;
import org.bytedeco.javacpp.PointerScope;

/** BLIP-2 models with random weights. */
final class Blip2 {

    /** A small tokenizer of OPT's kind; its ids are below every size's vocabulary. */
    private static final Path TOKENIZER = Path.of("src/test/resources/golden/j_tokenizers/opt");

    private Blip2() {}

    /**
     * A model without a prompt; the caller closes it.
     *
     * @param textTokens the length at which texts are cut
     */
    static Blip2Opt create(Setting setting, TrainingBenchmark.Vit vit, int textTokens) {
        var model = unset(setting, vit, textTokens);
        model.initialize();
        return model;
    }

    /** The bytes of its parameters, none of which is made. */
    static long bytes(Setting setting, TrainingBenchmark.Vit vit, int textTokens) {
        try (var scope = new PointerScope();
                var model = unset(setting, vit, textTokens)) {
            return model.module().namedParameters().values().stream()
                    .mapToLong(parameter -> parameter.numel() * parameter.element_size())
                    .sum();
        }
    }

    private static Blip2Opt unset(Setting setting, TrainingBenchmark.Vit vit, int textTokens) {
        var shapes = setting.shapes();
        var config = new Blip2OptConfig(
                new Blip2Config(
                        shapes.evaVit(),
                        1e-5,
                        shapes.qformer(),
                        textTokens,
                        vit.isFrozen(),
                        vit.isRecomputed(),
                        vit.granularity(),
                        vit.isFrozen() ? setting.precision() : Precision.FP32),
                shapes.opt(),
                "",
                setting.precision());
        return new Blip2Opt(config, tokenizer(), setting.target());
    }

    /** The tokenizer of every model; the caller closes it. */
    static Tokenizer tokenizer() {
        return Tokenizer.opt(TOKENIZER);
    }
}
