package io.lavis4j.zoo;

import io.lavis4j.model.llama.Llama;
import io.lavis4j.model.llama.LlamaConfig;
import io.lavis4j.model.opt.Opt;
import io.lavis4j.model.opt.OptConfig;
import io.lavis4j.model.t5.T5;
import io.lavis4j.model.t5.T5Config;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Precision;
import org.bytedeco.pytorch.Device;

/** Shape of a language model, and how a BLIP-2 model holds it. */
public sealed interface LanguageModelShape {

    /** Name of the part in state dicts. */
    String name();

    /** Name of the layer that makes its word vectors of query outputs, in state dicts. */
    String projection();

    /** Width of its word vectors. */
    int width();

    /** Words, V. */
    int vocabSize();

    /** The module with unset parameters on the CPU, in the types that {@code device} has them in. */
    Module create(Device device);

    /**
     * OPT.
     *
     * @param config its shape
     * @param precision of its storage
     */
    record OfOpt(OptConfig config, Precision precision) implements LanguageModelShape {

        @Override
        public String name() {
            return "opt_model";
        }

        @Override
        public String projection() {
            return "opt_proj";
        }

        @Override
        public int width() {
            return config.hiddenSize();
        }

        @Override
        public int vocabSize() {
            return config.vocabSize();
        }

        @Override
        public Module create(Device device) {
            var opt = new Opt(config);
            opt.to(precision.on(device).dtype());
            return opt;
        }
    }

    /**
     * T5.
     *
     * @param config its shape
     * @param precision of its storage
     */
    record OfT5(T5Config config, Precision precision) implements LanguageModelShape {

        @Override
        public String name() {
            return "t5_model";
        }

        @Override
        public String projection() {
            return "t5_proj";
        }

        @Override
        public int width() {
            return config.dModel();
        }

        @Override
        public int vocabSize() {
            return config.vocabSize();
        }

        @Override
        public Module create(Device device) {
            var t5 = new T5(config);
            t5.store(precision.on(device).dtype());
            return t5;
        }
    }

    /**
     * Vicuna.
     *
     * @param config its shape, with the word for padding
     * @param precision of its storage
     */
    record OfVicuna(LlamaConfig config, Precision precision) implements LanguageModelShape {

        @Override
        public String name() {
            return "llm_model";
        }

        @Override
        public String projection() {
            return "llm_proj";
        }

        @Override
        public int width() {
            return config.hiddenSize();
        }

        @Override
        public int vocabSize() {
            return config.vocabSize();
        }

        @Override
        public Module create(Device device) {
            var llama = new Llama(config);
            llama.to(precision.on(device).dtype());
            return llama;
        }
    }
}
