package io.lavis4j.quickstart;

import io.lavis4j.tokenize.WordVocabulary;

/** Makes {@code lavis4j/qformer-small}: the vocabulary of small Q-Formers, in BERT's files. */
public final class SmallVocabulary {

    private SmallVocabulary() {}

    /**
     * Remakes the files.
     *
     * @param arguments the folder for them, {@code src/main/resources/io/lavis4j/zoo/qformer-small}
     */
    public static void main(String[] arguments) {
        WordVocabulary.bert(ModelFolder.words(), ModelFolder.of(arguments).path());
    }
}
