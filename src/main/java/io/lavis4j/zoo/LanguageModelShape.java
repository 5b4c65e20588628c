package io.lavis4j.zoo;

import io.lavis4j.model.blip2.LanguageStorage;
import io.lavis4j.model.llama.Llama;
import io.lavis4j.model.llama.LlamaConfig;
import io.lavis4j.model.opt.Opt;
import io.lavis4j.model.opt.OptConfig;
import io.lavis4j.model.t5.T5;
import io.lavis4j.model.t5.T5Config;
import io.lavis4j.nn.Module;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Device;

/**
 * Shape of a language model, and how a BLIP-2 model holds it.
 *
 * @param name in state dicts: {@code opt} for {@code opt_model} and {@code opt_proj}
 * @param config its shape
 * @param width of its word vectors
 * @param vocabSize words, V
 * @param storage of its parameters
 * @param module with unset parameters on the CPU, float32, trainable
 */
public record LanguageModelShape(
        String name, Record config, int width, int vocabSize, LanguageStorage storage, Supplier<Module> module) {

    static LanguageModelShape of(OptConfig config, LanguageStorage storage) {
        return new LanguageModelShape(
                "opt", config, config.hiddenSize(), config.vocabSize(), storage, () -> new Opt(config));
    }

    static LanguageModelShape of(T5Config config, LanguageStorage storage) {
        return new LanguageModelShape("t5", config, config.dModel(), config.vocabSize(), storage, () -> new T5(config));
    }

    /** @param config with the word for padding */
    static LanguageModelShape of(LlamaConfig config, LanguageStorage storage) {
        return new LanguageModelShape(
                "llm", config, config.hiddenSize(), config.vocabSize(), storage, () -> new Llama(config));
    }

    /** The module with unset parameters on the CPU, not trained, in the types that {@code device} has them in. */
    public Module create(Device device) {
        var model = module.get();
        model.requiresGrad(false);
        storage.store(model, device);
        return model;
    }
}
