package io.lavis4j.zoo;

import io.lavis4j.model.llama.Llama;
import io.lavis4j.model.llama.LlamaConfig;
import io.lavis4j.model.opt.Opt;
import io.lavis4j.model.opt.OptConfig;
import io.lavis4j.model.t5.T5;
import io.lavis4j.model.t5.T5Config;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Precision;
import java.util.function.Function;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Shape of a language model, and how a BLIP-2 model holds it.
 *
 * @param name in state dicts: {@code opt} for {@code opt_model} and {@code opt_proj}
 * @param config its shape
 * @param width of its word vectors
 * @param vocabSize words, V
 * @param precision of its storage
 * @param module with unset parameters on the CPU, stored in a type
 */
public record LanguageModelShape(
        String name,
        Record config,
        int width,
        int vocabSize,
        Precision precision,
        Function<ScalarType, Module> module) {

    static LanguageModelShape of(OptConfig config, Precision precision) {
        return new LanguageModelShape("opt", config, config.hiddenSize(), config.vocabSize(), precision, dtype -> {
            var opt = new Opt(config);
            opt.to(dtype);
            return opt;
        });
    }

    static LanguageModelShape of(T5Config config, Precision precision) {
        return new LanguageModelShape("t5", config, config.dModel(), config.vocabSize(), precision, dtype -> {
            var t5 = new T5(config);
            t5.store(dtype);
            return t5;
        });
    }

    /** @param config with the word for padding */
    static LanguageModelShape of(LlamaConfig config, Precision precision) {
        return new LanguageModelShape("llm", config, config.hiddenSize(), config.vocabSize(), precision, dtype -> {
            var llama = new Llama(config);
            llama.to(dtype);
            return llama;
        });
    }

    /** The module with unset parameters on the CPU, in the types that {@code device} has them in. */
    public Module create(Device device) {
        return module.apply(precision.on(device).dtype());
    }
}
