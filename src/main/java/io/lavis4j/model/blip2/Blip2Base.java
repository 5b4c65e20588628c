package io.lavis4j.model.blip2;

import io.lavis4j.model.CaptionGenerator;
import io.lavis4j.model.FeatureLearner;
import io.lavis4j.model.VisionEncoder;
import io.lavis4j.model.qformer.QFormer;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tokenize.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A BLIP-2 model by what all of them have, LAVIS's {@code Blip2Base}: a bridge, and tokenizers, which it closes. */
public abstract sealed class Blip2Base extends Module implements FeatureLearner, CaptionGenerator
        permits Blip2ConditionalGeneration, Blip2Qformer {

    private final Blip2Bridge bridge;
    private final Precision precision;
    private final List<Tokenizer> tokenizers;

    Blip2Base(Blip2Config config, QFormer.Parts parts, Precision precision, List<Tokenizer> tokenizers, Device device) {
        bridge = child("", new Blip2Bridge(config, parts, precision, device));
        this.precision = precision;
        this.tokenizers = List.copyOf(tokenizers);
    }

    /**
     * Hands tokenizers to a model that will close them; where it cannot be made, they are closed here.
     *
     * @param qformerFolder of the Q-Former's tokenizer; {@code null} where it reads images alone
     */
    static <M> M open(
            Tokenizer tokenizer, @Nullable Path qformerFolder, BiFunction<Tokenizer, @Nullable Tokenizer, M> model) {
        Tokenizer qformer = null;
        try {
            qformer = qformerFolder == null ? null : Tokenizer.qformer(qformerFolder);
            return model.apply(tokenizer, qformer);
        } catch (RuntimeException | Error e) {
            tokenizer.close();
            if (qformer != null) {
                qformer.close();
            }
            throw e;
        }
    }

    final Blip2Bridge bridge() {
        return bridge;
    }

    @Override
    public final Module module() {
        return this;
    }

    @Override
    public final List<Tokenizer> promptTokenizers() {
        return tokenizers;
    }

    @Override
    public final VisionEncoder visualEncoder() {
        return bridge.visualEncoder();
    }

    @Override
    public final Tensor visionFeatures(Tensor image) {
        return bridge.visionFeatures(image);
    }

    /** The Q-Former. */
    public final QFormer qformer() {
        return bridge.qformer();
    }

    @Override
    public final Precision precision() {
        return precision;
    }

    @Override
    public final void backward(Tensor loss) {
        bridge.backward(loss);
    }

    @Override
    public final void close() {
        tokenizers.forEach(Tokenizer::close);
        super.close();
    }
}
