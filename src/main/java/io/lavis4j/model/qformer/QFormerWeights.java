package io.lavis4j.model.qformer;

import io.lavis4j.nn.Init;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** Weights of {@code bert-base-uncased} (arXiv:1810.04805), from which every Q-Former starts. */
public final class QFormerWeights {

    /** The published model's name. */
    public static final String MODEL = "bert-base-uncased";

    private static final String WORDS = "bert.embeddings.word_embeddings.weight";
    private static final String HEAD_BIAS = "cls.predictions.bias";

    private QFormerWeights() {}

    /**
     * Fits a BERT file to a Q-Former: names as {@link QFormer} has them, whatever the file's age, and the word table
     * and head bias extended to the configured vocabulary, by N(0, 0.02) and 0.
     *
     * @param bert tensors by name, with or without the prefix {@code bert.}; norms may be called gamma and beta
     * @return the tensors that this Q-Former has a place for; token types, pooler and, depending on its parts, the
     *     text's weights are left out
     */
    public static Map<String, Tensor> fit(Map<String, Tensor> bert, QFormer into) {
        var own = into.stateDict().keySet();
        int V = into.config().vocabSize();
        var fitted = new LinkedHashMap<String, Tensor>();
        bert.forEach((published, tensor) -> {
            String name = rename(published);
            if (own.contains(name) && !name.startsWith("cls.predictions.decoder.")) { // tied to table and bias
                boolean ofVocabulary = name.equals(WORDS) || name.equals(HEAD_BIAS);
                fitted.put(name, ofVocabulary ? Init.extend(tensor, V, QFormer.INIT_STD) : tensor);
            }
        });
        return fitted;
    }

    private static String rename(String published) {
        String name = published.startsWith("bert.") || published.startsWith("cls.") ? published : "bert." + published;
        return name.replace("LayerNorm.gamma", "LayerNorm.weight").replace("LayerNorm.beta", "LayerNorm.bias");
    }

    /**
     * Whether a parameter of {@link QFormer} is in no BERT file: cross-attention and the queries' feed-forward blocks.
     */
    public static boolean isNew(String name) {
        return name.contains(".crossattention.") || name.contains("_query.");
    }
}
