package io.lavis4j.family;

import io.lavis4j.generate.EndTokens;
import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.model.CaptionGenerator;
import io.lavis4j.model.Losses;
import io.lavis4j.model.Texts;
import io.lavis4j.model.TrainableModel;
import io.lavis4j.model.VisionEncoder;
import io.lavis4j.model.blip2.Blip2Bridge;
import io.lavis4j.model.blip2.Blip2Config;
import io.lavis4j.model.blip2.CausalText;
import io.lavis4j.model.qformer.QFormer;
import io.lavis4j.nn.Linear;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tokenize.EncodeOptions;
import io.lavis4j.tokenize.Labelled;
import io.lavis4j.tokenize.Padding;
import io.lavis4j.tokenize.Side;
import io.lavis4j.tokenize.Tokenizer;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** BLIP-2 with a language model of its own: the module of a second family. */
final class Blip2Mean extends Module implements TrainableModel, CaptionGenerator {

    private static final int WIDTH = 16;
    private static final int END = 2;

    private final Tokenizer tokenizer;
    private final Blip2Bridge bridge;
    private final MeanLanguageModel languageModel;
    private final Linear proj;
    private final CausalText text;

    Blip2Mean(Blip2Config config, Tokenizer tokenizer, Device device) {
        this.tokenizer = tokenizer;
        bridge = child("", new Blip2Bridge(config, QFormer.Parts.QUERIES, precision(), device));
        languageModel = child("language_model", new MeanLanguageModel(tokenizer.vocabSize(), WIDTH));
        proj = child("proj", new Linear(config.qformer().hiddenSize(), WIDTH, true));
        to(device);
        text = new CausalText(languageModel);
    }

    private Tensor queries(Tensor image) {
        return proj.forward(bridge.query(bridge.encodeImage(image))); // (B, Q, W)
    }

    @Override
    public Prepared prepare(Texts texts) {
        var tokens = tokenizer.encode(texts.input(), EncodeOptions.plain().padded(new Padding.Longest(), Side.RIGHT));
        var labelled = Labelled.from(tokens, 1, languageModel.padTokenId());
        var loss = text.loss(labelled);
        return image ->
                Losses.of(Scopes.keep(() -> loss.on().apply(image.device()).apply(queries(image))), loss.tokens());
    }

    @Override
    public Precision precision() {
        return Precision.FP16;
    }

    @Override
    public void backward(Tensor loss) {
        bridge.backward(loss);
    }

    @Override
    public List<String> generate(Tensor image, List<String> prompts, GenerationConfig generation) {
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            var tokens = tokenizer.encode(prompts, EncodeOptions.plain().padded(new Padding.Longest(), Side.LEFT));
            var end = new EndTokens(END, languageModel.padTokenId());
            return Arrays.stream(text.generate(queries(image), tokens, END, generation, end))
                    .map(ids -> tokenizer.decode(ids).strip())
                    .toList();
        }
    }

    @Override
    public List<Tokenizer> promptTokenizers() {
        return List.of(tokenizer);
    }

    @Override
    public String prompt() {
        return "";
    }

    @Override
    public VisionEncoder visualEncoder() {
        return bridge.visualEncoder();
    }

    QFormer qformer() {
        return bridge.qformer();
    }

    @Override
    public Module module() {
        return this;
    }

    @Override
    public void initializeUnset() {
        bridge.initializeUnset();
        fillUnset(() -> {
            languageModel.initialize();
            proj.initialize();
        });
    }

    @Override
    public void close() {
        tokenizer.close();
        bridge.close();
        super.close();
    }
}
