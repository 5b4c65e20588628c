package io.lavis4j.model.causal;

/** The numbers of a transformer's shape that its use needs; a model's config record has them as components. */
public interface CausalConfig {

    /** Rows of the word table, V. */
    int vocabSize();

    /** The longest row, in tokens. */
    int maxPositionEmbeddings();

    /** Id of padding. */
    int padTokenId();
}
