package io.lavis4j.dataset;

import io.lavis4j.processor.SampleRandom;

/** The source of the random numbers of samples. Safe for several threads. */
@FunctionalInterface
public interface SampleRandomSource {

    /**
     * The numbers of one sample in one epoch, the same at each call.
     *
     * @param index of the sample; negative for decisions about order and replacement
     */
    SampleRandom of(long seed, int epoch, long index);
}
