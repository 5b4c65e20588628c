package io.lavis4j.zoo;

import io.lavis4j.config.Checks;
import io.lavis4j.config.Section;
import io.lavis4j.model.BaseModel;
import io.lavis4j.model.qformer.QFormer;
import io.lavis4j.model.qformer.QFormerConfig;
import io.lavis4j.model.qformer.QFormerWeights;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The keys of a {@code model} section that are about the Q-Former; {@code qformer_model} is ours.
 *
 * @param qformerModel model that the Q-Former starts from: {@code bert-base-uncased}, or {@code small}, which has no
 *     file but a vocabulary and is trained from scratch
 * @param numQueryToken learned query tokens, Q
 */
public record QFormerKeys(String qformerModel, int numQueryToken) {

    static final String PREFIX = "Qformer.";

    /** Part of {@link #tokenizer()}. */
    public static final String TOKENIZER = "Q-Former's tokenizer";

    private static final int CROSS_ATTENTION_FREQ = 2;
    private static final String SMALL = "small";
    private static final String SMALL_VOCABULARY = "lavis4j/qformer-small";
    private static final List<String> QFORMER_MODELS = List.of(QFormerWeights.MODEL, SMALL);

    public QFormerKeys {
        new Checks()
                .that(QFORMER_MODELS.contains(qformerModel), "qformer_model", "one of " + QFORMER_MODELS, qformerModel)
                .atLeast("num_query_token", numQueryToken, 1)
                .done();
    }

    /**
     * Reads the keys; what is wrong is noted in the section. {@code cross_attention_freq} may be there and must be what
     * every published Q-Former has.
     */
    public static QFormerKeys read(Section model) {
        int freq = model.integer("cross_attention_freq", CROSS_ATTENTION_FREQ);
        model.check(
                freq == CROSS_ATTENTION_FREQ,
                "cross_attention_freq",
                "2, as every published Q-Former attends to images");
        return new QFormerKeys(model.string("qformer_model", QFormerWeights.MODEL), model.integer("num_query_token"));
    }

    /** The Q-Former's shape after a vision encoder of this width. */
    public QFormerConfig config(int encoderWidth) {
        return isSmall()
                ? QFormerConfig.small(numQueryToken, encoderWidth)
                : QFormerConfig.bertBase(numQueryToken, encoderWidth);
    }

    /** BERT; empty where the Q-Former is trained from scratch. */
    public <M extends BaseModel> Optional<WeightSource<M>> source(Function<M, QFormer> qformer) {
        return isSmall() ? Optional.empty() : Optional.of(source(qformerModel, qformer));
    }

    /** A folder or file of BERT. */
    static <M extends BaseModel> WeightSource<M> source(String reference, Function<M, QFormer> qformer) {
        return new WeightSource<>(
                "Q-Former",
                reference,
                WeightSource.Lookup.MODEL_UNLESS_CHECKPOINT,
                PREFIX,
                qformer::apply,
                (state, model) -> QFormerWeights.fit(state, qformer.apply(model)));
    }

    /** The vocabulary that the Q-Former reads texts with: BERT's, or one that comes with this library. */
    public <M extends BaseModel> WeightSource<M> tokenizer() {
        return WeightSource.tokenizer(TOKENIZER, isSmall() ? SMALL_VOCABULARY : qformerModel);
    }

    private boolean isSmall() {
        return qformerModel.equals(SMALL);
    }

    /** Whether a parameter of the whole model is neither BERT's nor the vision encoder's. */
    public static boolean isNew(String parameter) {
        return !parameter.startsWith(VisionKeys.PREFIX)
                && (!parameter.startsWith(PREFIX) || QFormerWeights.isNew(parameter));
    }
}
