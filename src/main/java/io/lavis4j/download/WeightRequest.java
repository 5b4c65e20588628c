package io.lavis4j.download;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Weights that a model is made of.
 *
 * @param reference a published name, an address or a path
 * @param kind what the reference names
 * @param there where it is on this machine already; {@code null} if it is nowhere
 */
public record WeightRequest(
        String reference, Kind kind, @Nullable Path there) {

    /** What a reference names. */
    public enum Kind {
        FILE,
        /** A model on the Hugging Face hub. */
        MODEL,
        /** Such a model's configuration and tokenizer. */
        TOKENIZER
    }

    boolean isPath() {
        return reference.startsWith("./")
                || reference.startsWith("../")
                || reference.startsWith("~")
                || Path.of(reference).isAbsolute();
    }

    /** The name of a file in LAVIS's cache: the last part of its address. */
    String fileName() {
        String path = reference.replaceFirst("[?#].*", "");
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
