package io.lavis4j.dataset;

import io.lavis4j.tokenize.BatchEncoding;
import java.util.List;

/** Makes tokens of the texts of a batch, on the thread that has loaded its last image. Safe for several threads. */
@FunctionalInterface
public interface TextCollator {

    /**
     * Tokens of B texts in their order, padded to one length.
     *
     * @param textInput text that the model learns
     */
    BatchEncoding collate(List<String> textInput);
}
