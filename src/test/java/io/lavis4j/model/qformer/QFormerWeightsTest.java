package io.lavis4j.model.qformer;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.golden.Golden;
import io.lavis4j.model.qformer.QFormer.Parts;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class QFormerWeightsTest {

    private static final int D = 8;
    private static final int BERT_WORDS = 11;
    private static final QFormerConfig CONFIG = new QFormerConfig(2, D, 2, 2, 16, 2, 6, 400, 12, 1e-12, 0);

    private PointerScope scope;

    @BeforeEach
    void open() {
        scope = new PointerScope();
        RandomState.seed(0);
    }

    @AfterEach
    void free() {
        scope.close();
    }

    /** A BERT file as it was once published: names of old, and parts that no Q-Former has. */
    private static Map<String, Tensor> bert() {
        var bert = new LinkedHashMap<String, Tensor>();
        for (var entry : new QFormer(CONFIG, Parts.ALL).stateDict().entrySet()) {
            String name = entry.getKey();
            if (!QFormerWeights.isNew(name)) {
                bert.put(
                        name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"),
                        torch.rand(entry.getValue().shape()));
            }
        }
        bert.remove("bert.embeddings.position_ids");
        bert.remove("cls.predictions.decoder.bias");
        var words = torch.rand(BERT_WORDS, D);
        bert.put("bert.embeddings.word_embeddings.weight", words);
        bert.put("cls.predictions.decoder.weight", words);
        bert.put("cls.predictions.bias", torch.rand(BERT_WORDS));
        bert.put("bert.embeddings.token_type_embeddings.weight", torch.rand(2, D));
        bert.put("bert.pooler.dense.weight", torch.rand(D, D));
        bert.put("cls.seq_relationship.weight", torch.rand(2, D));
        return bert;
    }

    @ParameterizedTest
    @EnumSource(Parts.class)
    void fillsWhatBertHasAndNothingElse(Parts parts) {
        var qformer = new QFormer(CONFIG, parts);
        var bert = bert();
        var fitted = QFormerWeights.fit(bert, qformer);
        var report = qformer.load(fitted);
        assertThat(report.unexpected()).isEmpty();
        assertThat(qformer.unsetParameters()).isNotEmpty().allMatch(QFormerWeights::isNew);
        assertThat(qformer.namedParameters().keySet())
                .filteredOn(QFormerWeights::isNew)
                .containsExactlyInAnyOrderElementsOf(qformer.unsetParameters());
        Golden.assertClose(
                "norm",
                Golden.get(qformer.stateDict(), "bert.embeddings.LayerNorm.weight"),
                Golden.get(bert, "bert.embeddings.LayerNorm.gamma"),
                0,
                0);
    }

    @Test
    void vocabularyIsExtendedForAddedTokens() {
        var qformer = new QFormer(CONFIG, Parts.ALL);
        var bert = bert();
        qformer.load(QFormerWeights.fit(bert, qformer));
        var words = Golden.get(qformer.stateDict(), "bert.embeddings.word_embeddings.weight");
        int added = CONFIG.vocabSize() - BERT_WORDS;
        Golden.assertClose(
                "words",
                words.narrow(0, 0, BERT_WORDS),
                Golden.get(bert, "bert.embeddings.word_embeddings.weight"),
                0,
                0);
        var fresh = words.detach().narrow(0, BERT_WORDS, added);
        assertThat(fresh.std(true).item_double()).isCloseTo(0.02, Offset.offset(0.002));
        assertThat(fresh.mean().item_double()).isCloseTo(0, Offset.offset(0.002));
        var bias = Golden.get(qformer.stateDict(), "cls.predictions.bias");
        assertThat(Tensors.floats(bias.narrow(0, BERT_WORDS, added))).containsOnly(0);
    }

    @Test
    void namesMayLackTheirPrefix() {
        var qformer = new QFormer(CONFIG, Parts.QUERIES);
        var bare = new LinkedHashMap<String, Tensor>();
        bert().forEach((name, tensor) -> {
            if (name.startsWith("bert.")) {
                bare.put(
                        name.substring("bert.".length())
                                .replace("gamma", "weight")
                                .replace("beta", "bias"),
                        tensor);
            }
        });
        assertThat(QFormerWeights.fit(bare, qformer).keySet())
                .isEqualTo(QFormerWeights.fit(bert(), qformer).keySet());
    }
}
