package io.lavis4j.bench;

import io.lavis4j.model.VisionEncoderConfig;
import io.lavis4j.model.causal.CausalTransformer;
import io.lavis4j.model.llama.Llama;
import io.lavis4j.model.opt.Opt;
import io.lavis4j.model.qformer.QFormer;
import io.lavis4j.model.qformer.QFormerInput;
import io.lavis4j.model.t5.T5;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A part of BLIP-2 with random weights, and what it reads.
 *
 * @param inputs those with a gradient first; closed with the part
 * @param forward of the inputs
 */
record ModelPart(Module module, List<Tensor> inputs, Supplier<Tensor> forward) implements AutoCloseable {

    private static final long WORDS = 4096; // in every vocabulary

    static ModelPart create(PassBenchmark.Part part, Setting setting) {
        return switch (part) {
            case EVA_VIT -> vit(setting.shapes().evaVit(), setting);
            case CLIP_VIT -> vit(setting.shapes().clipVit(), setting);
            case QFORMER -> qformer(setting);
            case OPT -> causal(opt(setting), setting);
            case LLAMA -> causal(llama(setting), setting);
            case T5 -> t5(setting);
        };
    }

    private static ModelPart vit(VisionEncoderConfig config, Setting setting) {
        var encoder = config.create();
        encoder.module().to(setting.target());
        encoder.initialize();
        encoder.module().convertWeights(setting.precision().dtype());
        var image = setting.random(setting.batch, 3, config.imageSize(), config.imageSize());
        return new ModelPart(encoder.module(), List.of(image), () -> encoder.forward(image));
    }

    private static ModelPart qformer(Setting setting) {
        var config = setting.shapes().qformer();
        var qformer = new QFormer(config, QFormer.Parts.QUERIES);
        qformer.to(setting.target());
        qformer.initialize();
        qformer.convertWeights(setting.precision().dtype());
        var queries = setting.random(setting.batch, config.numQueries(), config.hiddenSize());
        var imageTokens = setting.random(setting.batch, setting.shapes().imageTokens(), config.encoderWidth());
        queries.set_requires_grad(true);
        imageTokens.set_requires_grad(true); // ln_vision, which made them, is trained
        return new ModelPart(
                qformer,
                List.of(queries, imageTokens),
                () -> qformer.forward(QFormerInput.queries(queries, imageTokens)));
    }

    private static <M extends Module & CausalTransformer> ModelPart causal(M model, Setting setting) {
        long P = PassBenchmark.PREFIX + TrainingBenchmark.TEXT_TOKENS;
        var words = words(setting, P, model::embed);
        return new ModelPart(model, List.of(words), () -> model.forward(words, null));
    }

    private static ModelPart t5(Setting setting) {
        var model = frozenT5(setting);
        long P = PassBenchmark.PREFIX + TrainingBenchmark.TEXT_TOKENS;
        var words = words(setting, P, model::embed);
        var ids = ids(setting, TrainingBenchmark.TEXT_TOKENS);
        var mask = mask(setting, P);
        return new ModelPart(
                model, List.of(words, ids, mask), () -> model.decode(ids, model.encode(words, mask), mask));
    }

    /** Frozen, on the device, in the precision. */
    static Opt opt(Setting setting) {
        return frozen(new Opt(setting.shapes().opt()), setting);
    }

    /** Frozen, on the device, in the precision. */
    static Llama llama(Setting setting) {
        return frozen(new Llama(setting.shapes().llama()), setting);
    }

    /** Frozen, on the device, in the precision. */
    static T5 frozenT5(Setting setting) {
        return frozen(new T5(setting.shapes().t5()), setting);
    }

    private static <M extends Module> M frozen(M model, Setting setting) {
        model.to(setting.target());
        model.initialize();
        model.to(setting.precision().dtype());
        model.requiresGrad(false);
        return model;
    }

    /** Ids of random words, (B, T), int64; the caller closes them. */
    private static Tensor ids(Setting setting, long T) {
        return Scopes.retained(() -> drawn(setting, T));
    }

    private static Tensor drawn(Setting setting, long T) {
        return torch.randint(WORDS, new long[] {setting.batch, T}, Tensors.options(setting.target(), ScalarType.Long));
    }

    /** All tokens are real, (B, P), int64; the caller closes it. */
    static Tensor mask(Setting setting, long P) {
        return Scopes.retained(
                () -> torch.ones(new long[] {setting.batch, P}, Tensors.options(setting.target(), ScalarType.Long)));
    }

    /**
     * Vectors of random words with a gradient; the caller closes them.
     *
     * @param embed from ids (B, P) to (B, P, D)
     */
    static Tensor words(Setting setting, long P, UnaryOperator<Tensor> embed) {
        return Scopes.retained(() -> embed.apply(drawn(setting, P)).detach().requires_grad_(true));
    }

    /** Frees the gradients of parameters and inputs. */
    void zeroGrad() {
        module.zeroGrad();
        try (var scope = new PointerScope()) {
            inputs.forEach(input -> input.mutable_grad().put(new Tensor()));
        }
    }

    @Override
    public void close() {
        module.close();
        inputs.forEach(Tensor::close);
    }
}
