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
 *     file and is trained from scratch
 * @param numQueryToken learned query tokens, Q
 */
public record QFormerKeys(String qformerModel, int numQueryToken) {

    static final String PREFIX = "Qformer.";
    static final String PART = "Q-Former";

    private static final List<String> QFORMER_MODELS = List.of(QFormerWeights.MODEL, "small");

    public QFormerKeys {
        new Checks()
                .that(QFORMER_MODELS.contains(qformerModel), "qformer_model", "one of " + QFORMER_MODELS, qformerModel)
                .atLeast("num_query_token", numQueryToken, 1)
                .done();
    }

    /** Reads the keys; what is wrong is noted in the section. */
    public static QFormerKeys read(Section model) {
        return new QFormerKeys(model.string("qformer_model", QFormerWeights.MODEL), model.integer("num_query_token"));
    }

    /** The same for a model that reads texts, too, and so needs a tokenizer. */
    public static QFormerKeys readWithText(Section model) {
        var keys = read(model);
        model.check(
                keys.qformerModel.equals(QFormerWeights.MODEL),
                "qformer_model",
                QFormerWeights.MODEL + ", as this model reads texts");
        return keys;
    }

    /** The Q-Former's shape after a vision encoder of this width. */
    public QFormerConfig config(int encoderWidth) {
        return qformerModel.equals("small")
                ? QFormerConfig.small(numQueryToken, encoderWidth)
                : QFormerConfig.bertBase(numQueryToken, encoderWidth);
    }

    /** BERT; empty where the Q-Former is trained from scratch. */
    public <M extends BaseModel> Optional<WeightSource<M>> source(Function<M, QFormer> qformer) {
        return qformerModel.equals("small") ? Optional.empty() : Optional.of(source(qformerModel, qformer));
    }

    /** BERT's folder, which must be there for its tokenizer, even if a checkpoint has all weights. */
    public <M extends BaseModel> WeightSource<M> withTokenizer(Function<M, QFormer> qformer) {
        return source(qformerModel, WeightSource.Lookup.MODEL, qformer);
    }

    /** A folder or file of BERT. */
    static <M extends BaseModel> WeightSource<M> source(String reference, Function<M, QFormer> qformer) {
        return source(reference, WeightSource.Lookup.MODEL_UNLESS_CHECKPOINT, qformer);
    }

    private static <M extends BaseModel> WeightSource<M> source(
            String reference, WeightSource.Lookup lookup, Function<M, QFormer> qformer) {
        return new WeightSource<>(
                PART,
                reference,
                lookup,
                PREFIX,
                qformer::apply,
                (state, model) -> QFormerWeights.fit(state, qformer.apply(model)));
    }

    /** Whether a parameter of the whole model is neither BERT's nor the vision encoder's. */
    public static boolean isNew(String parameter) {
        return !parameter.startsWith(VisionKeys.PREFIX)
                && (!parameter.startsWith(PREFIX) || QFormerWeights.isNew(parameter));
    }
}
