package io.lavis4j.dataset;

/** One split of a data set, opened: everything that turns it into samples. {@link SampleSource} is a list of them. */
public interface Source {

    /** The samples that a loader of this configuration loads, epoch by epoch. */
    EpochSamples samples(LoaderConfig config);
}
