package io.lavis4j.estimate;

/** A part that writes words and keeps keys and values of those before. */
interface CachedActivations extends Activations {

    /** Keys and values of one token in all blocks. */
    long cachedPerToken();
}
