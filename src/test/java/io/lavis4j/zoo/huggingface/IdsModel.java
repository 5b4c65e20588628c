package io.lavis4j.zoo.huggingface;

import io.lavis4j.generate.Decoder;
import io.lavis4j.generate.EndTokens;
import io.lavis4j.generate.Generation;
import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.golden.Golden;
import io.lavis4j.model.BaseModel;
import io.lavis4j.model.CausalLanguageModel;
import io.lavis4j.model.blip2.Blip2Bridge;
import io.lavis4j.model.blip2.Blip2ConditionalGeneration;
import io.lavis4j.model.blip2.Blip2Config;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.model.blip2.Blip2Qformer;
import io.lavis4j.model.qformer.QFormer;
import io.lavis4j.model.qformer.QFormerInput;
import io.lavis4j.model.t5.T5;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Tensors;
import java.util.Arrays;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A model of ours that takes what transformers' classes take: pixels, ids with or without placeholders for the image,
 * masks, ids for the Q-Former, labels.
 */
final class IdsModel implements AutoCloseable {

    private final BaseModel model;
    private final Blip2Bridge bridge;
    private final Map<String, Tensor> state;
    private final long Q;

    /** @param model in eval mode */
    IdsModel(BaseModel model) {
        this.model = model;
        state = model.module().stateDict();
        var config = config();
        Q = config.qformer().numQueries();
        var parts = state.containsKey("Qformer.cls.predictions.bias")
                ? QFormer.Parts.ALL
                : state.containsKey("Qformer.bert.embeddings.position_ids")
                                && state.containsKey("Qformer.bert.embeddings.word_embeddings.weight")
                        ? QFormer.Parts.QUERIES_AND_TEXT
                        : QFormer.Parts.QUERIES;
        bridge = new Blip2Bridge(
                config, parts, config.vitPrecision(), model.module().device());
        bridge.load(state);
        bridge.eval();
    }

    private Blip2Config config() {
        return model instanceof Blip2ConditionalGeneration<?, ?> second
                ? second.config().blip2()
                : ((Blip2Qformer) model).config().blip2();
    }

    private Module languageModel() {
        return ((Blip2ConditionalGeneration<?, ?>) model).languageModel();
    }

    private T5 t5() {
        return (T5) languageModel();
    }

    private boolean isT5() {
        return languageModel() instanceof T5;
    }

    private CausalLanguageModel causal() {
        return (CausalLanguageModel) languageModel();
    }

    /** The image tokens after {@code ln_vision}, (B, N, D). */
    Tensor imageEmbeds(Map<String, Tensor> in) {
        return bridge.encodeImage(Golden.get(in, "pixel_values"));
    }

    private Tensor linear(Tensor x, String name) {
        return x.matmul(Golden.get(state, name + ".weight").t()).add(Golden.get(state, name + ".bias"));
    }

    private Tensor queries(Map<String, Tensor> in) {
        var read = in.containsKey("qformer_input_ids")
                ? bridge.query(
                        imageEmbeds(in), Golden.get(in, "qformer_input_ids"), Golden.get(in, "qformer_attention_mask"))
                : bridge.query(imageEmbeds(in));
        return linear(read, isT5() ? "t5_proj" : model instanceof Blip2Opt ? "opt_proj" : "llm_proj"); // (B, Q, W)
    }

    /** @param placeholders whether the ids begin with one for each query */
    private Tensor embeds(Map<String, Tensor> in, boolean placeholders) {
        var ids = Golden.get(in, "input_ids");
        var words = placeholders ? ids.narrow(1, Q, ids.size(1) - Q) : ids;
        return Tensors.cat(1, queries(in), isT5() ? t5().embed(words) : causal().embed(words)); // (B, P, W)
    }

    private Tensor mask(Map<String, Tensor> in, boolean placeholders) {
        var mask = Golden.get(in, "attention_mask");
        var ones = torch.ones(new long[] {mask.size(0), Q}, Tensors.options(mask.device(), ScalarType.Long));
        return placeholders ? mask : Tensors.cat(1, ones, mask); // (B, P)
    }

    /** Scores of the next word at every place of the ids, or of T5's labels, (B, T, V). */
    Tensor logits(Map<String, Tensor> in, boolean placeholders) {
        var embeds = embeds(in, placeholders);
        var mask = mask(in, placeholders);
        if (isT5()) {
            var labels = Golden.get(in, "labels");
            var ids = t5().shiftRight(labels.clamp_min(Tensors.scalar(0)));
            return t5().logits(t5().decode(ids, torch.ones_like(labels), t5().encode(embeds, mask), mask));
        }
        var all = causal().logits(causal().forward(embeds, mask));
        long T = Golden.get(in, "input_ids").size(1);
        return all.narrow(1, all.size(1) - T, T);
    }

    /**
     * New tokens.
     *
     * @param config its lengths are of new tokens
     */
    long[][] tokens(Map<String, Tensor> in, boolean placeholders, GenerationConfig config, EndTokens end) {
        var embeds = embeds(in, placeholders);
        var mask = mask(in, placeholders);
        long[][] start = new long[(int) mask.size(0)][];
        Arrays.fill(start, new long[] {0}); // for T5 what the decoder reads first, else in place of the prefix
        try (var decoder = isT5() ? decoder(embeds, mask) : causal().decoder(embeds, mask)) {
            long[][] rows = Generation.generate(
                    decoder,
                    start,
                    config.withMinLength(1 + config.minLength()).withMaxLength(1 + config.maxLength()),
                    end);
            return Arrays.stream(rows)
                    .map(row -> Arrays.copyOfRange(row, 1, row.length))
                    .toArray(long[][]::new);
        }
    }

    private Decoder decoder(Tensor embeds, Tensor mask) {
        return t5().decoder(embeds, mask);
    }

    /** Logits that image and text do not match, and that they do, (B, 2). */
    Tensor itm(Map<String, Tensor> in) {
        var read = bridge.query(imageEmbeds(in), Golden.get(in, "input_ids"), Golden.get(in, "attention_mask"));
        return Tensors.mean(linear(read, "itm_head"), 1); // (B, 2)
    }

    /** Largest cosine of a query and the text, (B). */
    Tensor itc(Map<String, Tensor> in) {
        var queries = Tensors.unit(linear(bridge.query(imageEmbeds(in)), "vision_proj")); // (B, Q, E)
        var hidden = bridge.qformer()
                .forward(QFormerInput.text(Golden.get(in, "input_ids"), Golden.get(in, "attention_mask")));
        var text = Tensors.unit(linear(hidden.select(1, 0), "text_proj")); // (B, E)
        return queries.matmul(text.unsqueeze(2)).squeeze(2).amax(new long[] {1}, false); // (B)
    }

    @Override
    public void close() {
        bridge.close();
    }
}
