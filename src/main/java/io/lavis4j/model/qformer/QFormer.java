package io.lavis4j.model.qformer;

import static io.lavis4j.io.Arguments.require;
import static io.lavis4j.nn.Dropout.dropout;

import io.lavis4j.nn.Embedding;
import io.lavis4j.nn.LayerNorm;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Q-Former: queries, text or both through BERT layers with cross-attention to image tokens. */
public final class QFormer extends Module {

    /** Which parts a model keeps; what is left out has no keys in the state dict. */
    public enum Parts {
        /** Queries only, as BLIP-2 with OPT or T5: no embeddings, no text feed-forward, no head. */
        QUERIES,
        /** Queries and text, as the instruct models: no head. */
        QUERIES_AND_TEXT,
        /** Everything, as stage 1. */
        ALL
    }

    static final double INIT_STD = 0.02;

    private final QFormerConfig config;
    private final @Nullable Embedding wordEmbeddings;
    private final @Nullable Embedding positionEmbeddings;
    private final LayerNorm norm;
    private final List<QFormerLayer> layers = new ArrayList<>();
    private final @Nullable QFormerHead head;

    /** A Q-Former with unset parameters, float32. */
    public QFormer(QFormerConfig config, Parts parts) {
        this.config = config;
        boolean text = parts != Parts.QUERIES;
        int D = config.hiddenSize();
        wordEmbeddings = text ? child("bert.embeddings.word_embeddings", new Embedding(config.vocabSize(), D)) : null;
        positionEmbeddings =
                text ? child("bert.embeddings.position_embeddings", new Embedding(config.maxPositions(), D)) : null;
        buffer(
                "bert.embeddings.position_ids",
                () -> Tensors.range(0, config.maxPositions(), Devices.cpu()).unsqueeze(0)); // (1, positions)
        norm = child("bert.embeddings.LayerNorm", new LayerNorm(D, config.layerNormEps()));
        for (int i = 0; i < config.numLayers(); i++) {
            layers.add(child("bert.encoder.layer." + i, new QFormerLayer(config, i, text)));
        }
        head = parts == Parts.ALL && wordEmbeddings != null
                ? child("cls.predictions", new QFormerHead(config, wordEmbeddings.weight()))
                : null;
    }

    /**
     * Hidden states of the last layer.
     *
     * @return (B, Q + T, D), queries first
     */
    public Tensor forward(QFormerInput in) {
        return Scopes.keep(() -> {
            var selfMask = QFormerMask.self(in, device(), layers.get(0).dtype());
            var crossMask = QFormerMask.cross(in);
            return Scopes.through(
                    () -> embed(in), layers, (layer, x) -> layer.forward(x, in, selfMask, crossMask)); // (B, Q + T, D)
        });
    }

    /** Hidden states after the embeddings and after each layer, (B, Q + T, D) each; the caller's scope owns them. */
    public List<Tensor> hiddenStates(QFormerInput in) {
        var selfMask = QFormerMask.self(in, device(), layers.get(0).dtype());
        var crossMask = QFormerMask.cross(in);
        return Scopes.trace(() -> embed(in), layers, (layer, x) -> layer.forward(x, in, selfMask, crossMask));
    }

    /**
     * Scores of the next word at each text row.
     *
     * @return (B, T, V)
     * @throws IllegalStateException if this Q-Former was built without its head
     */
    public Tensor logits(QFormerInput in) {
        return Scopes.keep(() -> head().forward(textStates(in))); // (B, T, V)
    }

    /**
     * Mean cross-entropy of words that text rows predict.
     *
     * @param rows (n), int64, which of the B T
     * @param targets (n), int64, the word that each predicts
     * @param smoothing of the targets
     * @return scalar, float32
     * @throws IllegalStateException if this Q-Former was built without its head
     */
    public Tensor captioningLoss(QFormerInput in, Tensor rows, Tensor targets, double smoothing) {
        return Scopes.keep(() -> head().loss(textStates(in).flatten(0, 1).index_select(0, rows), targets, smoothing));
    }

    private QFormerHead head() {
        if (head == null) {
            throw new IllegalStateException("this Q-Former has no language-model head: build it with Parts.ALL");
        }
        return head;
    }

    /** Hidden states of text rows, (B, T, D). */
    private Tensor textStates(QFormerInput in) {
        return forward(in).narrow(1, in.queryLength(), in.textLength());
    }

    /** Queries, without positions, in front of words with positions that do not count the queries. */
    private Tensor embed(QFormerInput in) {
        Tensor x = in.queryEmbeds();
        if (in.inputIds() != null) {
            var words = words(in, in.inputIds()); // (B, T, D)
            x = x == null ? words : Tensors.cat(1, x, words); // (B, Q + T, D)
        }
        if (x == null) {
            throw new IllegalStateException("neither queries nor text");
        }
        return dropout(norm.forward(x), config.dropout(), isTraining());
    }

    private Tensor words(QFormerInput in, Tensor ids) {
        if (wordEmbeddings == null || positionEmbeddings == null) {
            throw new IllegalStateException("this Q-Former was built for queries only, it cannot read text");
        }
        long T = in.position() == null ? ids.size(1) : 1;
        long past = in.position() != null
                ? in.position()
                : in.cachedLength() == 0 ? 0 : in.cachedLength() - config.numQueries();
        require(
                past + T <= config.maxPositions(),
                "expected at most %d text tokens, got %d",
                config.maxPositions(),
                past + T);
        return wordEmbeddings.forward(ids).add(positionEmbeddings.weight().narrow(0, past, T)); // (B, T, D)
    }

    /** The shape. */
    public QFormerConfig config() {
        return config;
    }

    /**
     * Gives the queries' feed-forward blocks the values of the text's, as the reference's first stage does.
     *
     * @param names parameters that may be changed
     */
    public void copyTextToQueries(Set<String> names) {
        try (var scope = new PointerScope()) {
            var parameters = namedParameters();
            parameters.forEach((name, parameter) -> {
                var text = parameters.get(name.replace("_query.", "."));
                if (text != null && name.contains("_query.") && names.contains(name)) {
                    parameter.set_data(text.detach().clone());
                }
            });
        }
    }

    /** Normal with standard deviation 0.02, as the reference before BERT's weights are loaded. */
    @Override
    public void initialize() {
        initializeNormal(INIT_STD);
    }
}
