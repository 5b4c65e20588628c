package io.lavis4j.model.qformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.golden.Golden;
import io.lavis4j.nn.KeyValueCache;
import io.lavis4j.tensor.Tensors;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class QFormerParityTest {

    private static final String EXPECTED = "expected.safetensors";
    private static final double ATOL = 2e-5;
    private static final long MEAN = 1;

    @TestFactory
    Stream<DynamicTest> equalsTheReference() {
        return Golden.tests("b_qformer", t -> {
            var golden = t.golden();
            t.addWithTensor(EXPECTED, "query_only/last_hidden", "queries only", () -> new Case(golden).queriesOnly());
            t.addWithTensor(
                    EXPECTED,
                    "query_only_masked_encoder/last_hidden",
                    "queries with masked image tokens",
                    () -> new Case(golden).maskedImage());
            t.addWithTensor(
                    EXPECTED, "query_text/last_hidden", "queries and text", () -> new Case(golden).queriesAndText());
            t.addWithTensor(EXPECTED, "text_only/last_hidden", "text only", () -> new Case(golden).textOnly());
            t.addWithTensor(
                    EXPECTED, "itg/logits", "captioning over cached queries", () -> new Case(golden).captionCached());
            t.addWithTensor(
                    EXPECTED,
                    "itg_uncached/logits",
                    "captioning without cache",
                    () -> new Case(golden).captionUncached());
            t.addWithTensor(
                    EXPECTED,
                    "causal_text_only/logits",
                    "causal text without queries",
                    () -> new Case(golden).causalText());
            t.addWithTensor(
                    EXPECTED, "incremental/logits_4th", "one token at a time", () -> new Case(golden).incremental());
            t.addWith(List.of("expected_grads.safetensors"), "gradients", () -> new Case(golden).gradients());
        });
    }

    /** The model, inputs and expectations of one case. */
    private static final class Case {

        private final Golden golden;
        private final QFormer model;
        private final Tensor queries;
        private final Tensor ids;
        private final Tensor decoderIds;
        private final Tensor textMask;
        private final Tensor fullMask;
        private final Tensor image;
        private final Map<String, Tensor> inputs;
        private final Map<String, Tensor> expected;
        private final double smoothing;

        Case(Golden golden) {
            this.golden = golden;
            var json = golden.json("config.json");
            smoothing = json.get("label_smoothing").asDouble();
            model = new QFormer(config(json), QFormer.Parts.ALL);
            var weights = golden.tensors("weights.safetensors");
            var report = model.load(weights);
            assertThat(report.missing()).isEmpty();
            assertThat(report.unexpected()).containsExactly("query_tokens");
            model.to(golden.device());
            model.eval();
            inputs = golden.tensors("inputs.safetensors");
            expected = golden.tensors(EXPECTED);
            ids = Golden.get(inputs, "input_ids");
            decoderIds = Golden.get(inputs, "decoder_input_ids");
            textMask = Golden.get(inputs, "text_mask");
            image = Golden.get(inputs, "encoder_hidden_states");
            var query = Golden.get(weights, "query_tokens");
            queries = query.detach().requires_grad_(true).expand(ids.size(0), query.size(1), query.size(2));
            fullMask = Tensors.cat(1, ones(ids.size(0), query.size(1)), textMask);
        }

        private static QFormerConfig config(JsonNode json) {
            return new QFormerConfig(
                    json.get("num_query_token").asInt(),
                    json.get("hidden_size").asInt(),
                    json.get("num_hidden_layers").asInt(),
                    json.get("num_attention_heads").asInt(),
                    json.get("intermediate_size").asInt(),
                    json.get("cross_attention_freq").asInt(),
                    json.get("encoder_width").asInt(),
                    json.get("vocab_size").asInt(),
                    json.get("max_position_embeddings").asInt(),
                    json.get("layer_norm_eps").asDouble(),
                    json.get("hidden_dropout_prob").asDouble());
        }

        private Tensor ones(long... shape) {
            return org.bytedeco.pytorch.global.torch.ones(shape, Tensors.options(golden.device(), ScalarType.Long));
        }

        private void equal(String name, Tensor actual) {
            Golden.assertClose(name, actual, Golden.get(expected, name), ATOL, 1e-5);
        }

        private void equalLoss(String name, Tensor actual) {
            Golden.assertClose(name, actual, Golden.get(expected, name), 0, 1e-5);
        }

        void queriesOnly() {
            try (var cache = new KeyValueCache()) {
                var in = QFormerInput.queries(queries, image).withCache(cache);
                var states = model.hiddenStates(in);
                for (int i = 0; i < states.size(); i++) {
                    equal("query_only/hidden_" + i, states.get(i));
                }
                for (int i = 0; i < model.config().numLayers(); i++) {
                    equal("query_only/past_key_" + i, cache.layer(i).key());
                    equal("query_only/past_value_" + i, cache.layer(i).value());
                }
            }
            equal("query_only/last_hidden", model.forward(QFormerInput.queries(queries, image)));
        }

        void maskedImage() {
            var mask = Golden.get(inputs, "encoder_mask_partial");
            equal(
                    "query_only_masked_encoder/last_hidden",
                    model.forward(new QFormerInput(queries, null, null, image, null, mask, false, null, null)));
        }

        void queriesAndText() {
            equal("query_text/last_hidden", queryText());
        }

        private Tensor queryText() {
            return model.forward(QFormerInput.queriesAndText(queries, ids, fullMask, image));
        }

        void textOnly() {
            equal("text_only/last_hidden", model.forward(QFormerInput.text(ids, textMask)));
        }

        /** Label t+1 is predicted at t. */
        private Tensor loss(Tensor logits, long reduction) {
            long T = logits.size(1), V = logits.size(2);
            var labels = Golden.get(inputs, "labels").narrow(1, 1, T - 1).reshape(-1);
            var scores = logits.narrow(1, 0, T - 1).reshape(-1, V);
            return cross_entropy_loss(scores, labels, new TensorOptional(), reduction, -100, smoothing);
        }

        private Tensor cachedLogits() {
            try (var cache = new KeyValueCache()) {
                model.forward(QFormerInput.queries(queries, image).withCache(cache));
                return model.logits(QFormerInput.caption(decoderIds, fullMask, cache));
            }
        }

        void captionCached() {
            var logits = cachedLogits();
            equal("itg/logits", logits);
            equalLoss("itg/loss", loss(logits, MEAN));
            var each = loss(logits, 0).view(logits.size(0), logits.size(1) - 1).sum(1);
            equalLoss("itg/loss_per_sample_reduction_none", each);
        }

        void captionUncached() {
            var in = new QFormerInput(queries, decoderIds, fullMask, image, null, null, true, null, null);
            var logits = model.logits(in);
            equal("itg_uncached/logits", logits);
            equalLoss("itg_uncached/loss", loss(logits, MEAN));
        }

        void causalText() {
            var logits = model.logits(QFormerInput.caption(decoderIds, textMask, null));
            equal("causal_text_only/logits", logits);
            equalLoss("causal_text_only/loss", loss(logits, MEAN));
        }

        void incremental() {
            long B = ids.size(0), Q = queries.size(1);
            long first = Golden.get(expected, "incremental/logits_first3").size(1);
            try (var cache = new KeyValueCache()) {
                model.forward(QFormerInput.queries(queries, image).withCache(cache));
                equal(
                        "incremental/logits_first3",
                        model.logits(QFormerInput.caption(decoderIds.narrow(1, 0, first), ones(B, Q + first), cache)));
                equal(
                        "incremental/logits_4th",
                        model.logits(
                                QFormerInput.caption(decoderIds.narrow(1, first, 1), ones(B, Q + first + 1), cache)));
            }
        }

        /** The definition is written in the case's config. */
        void gradients() {
            var weight = Golden.get(inputs, "grad_weight");
            var query = Golden.get(golden.tensors("weights.safetensors"), "query_tokens")
                    .detach()
                    .requires_grad_(true);
            var start = query.expand(queries.size(0), query.size(1), query.size(2));
            try (var cache = new KeyValueCache()) {
                model.forward(QFormerInput.queries(start, image).withCache(cache));
                var itg = loss(model.logits(QFormerInput.caption(decoderIds, fullMask, cache)), MEAN);
                var hidden = model.forward(QFormerInput.queriesAndText(start, ids, fullMask, image));
                itg.add(hidden.mul(weight).sum().mul(Tensors.scalar(0.01))).backward();
            }
            var parameters = model.namedParameters();
            parameters.put("query_tokens", query);
            var gradients = golden.tensors("expected_grads.safetensors");
            Golden.assertGradients(parameters, gradients, 1e-4, 1e-7);
        }
    }
}
