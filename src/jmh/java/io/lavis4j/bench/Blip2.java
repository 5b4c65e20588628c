package io.lavis4j.bench;

import io.lavis4j.model.blip2.Blip2Config;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.model.blip2.Blip2OptConfig;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tokenize.Tokenizer;
import java.nio.file.Path;

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
        var shapes = setting.shapes();
        var config = new Blip2OptConfig(
                new Blip2Config(
                        shapes.evaVit(),
                        1e-5,
                        shapes.qformer(),
                        textTokens,
                        vit.isFrozen(),
                        vit == TrainingBenchmark.Vit.CHECKPOINTED,
                        vit.isFrozen() ? setting.precision() : Precision.FP32),
                shapes.opt(),
                "",
                setting.precision());
        var model = new Blip2Opt(config, tokenizer(), setting.target());
        model.initialize();
        return model;
    }

    /** The tokenizer of every model; the caller closes it. */
    static Tokenizer tokenizer() {
        return Tokenizer.opt(TOKENIZER);
    }
}
