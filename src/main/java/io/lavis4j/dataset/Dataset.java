package io.lavis4j.dataset;

import io.lavis4j.processor.TextProcessor;
import java.util.List;
import java.util.Map;

/** A list of samples, known by number. Safe for several threads. */
public interface Dataset {

    /** Its name in messages, logs and result files. */
    String name();

    /** How many samples there are. */
    int size();

    /**
     * The plan of a sample; touches no image.
     *
     * @param index from 0
     * @param text makes the sample's texts
     */
    Sample sample(int index, TextProcessor text);

    /** The key of a sample's result. */
    String instanceId(int index);

    /** Whether several samples may have one key: captions of one image, which training has no results of. */
    default boolean sharesIds() {
        return false;
    }

    /**
     * The texts that generated ones are compared with, by instance id in the order of the samples; touches no image.
     */
    Map<String, List<String>> references();

    /** The records of its files that are left out in training, and why; a line each. */
    default List<String> leftOut() {
        return List.of();
    }
}
