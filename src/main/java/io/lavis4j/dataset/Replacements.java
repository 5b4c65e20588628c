package io.lavis4j.dataset;

import io.lavis4j.image.BrokenImageException;
import io.lavis4j.processor.SampleRandom;
import java.util.ArrayList;
import java.util.function.IntFunction;

/**
 * A list of samples that stand in for one another where one cannot be read.
 *
 * @param onBroken whether they do
 * @param firstId of the list; a sample's id is this and its index
 * @param size of the list
 */
public record Replacements(OnBroken onBroken, long firstId, int size) {

    /** Replacements tried before loading gives up. */
    private static final int MAX_REPLACEMENTS = 20;

    /**
     * Loads a sample, or others until one can be read.
     *
     * @param replacements random numbers that the replacement is drawn from
     * @param named name of a sample in messages
     * @param load one of them
     * @throws BrokenImageException if it cannot be read and is not to be skipped, or too many cannot
     */
    public LoadedSample load(
            int index, SampleRandom replacements, IntFunction<String> named, IntFunction<SampleTexts> load) {
        var broken = new ArrayList<LoadedSample.Broken>();
        int candidate = index;
        while (true) {
            try {
                return new LoadedSample(firstId + index, load.apply(candidate), broken);
            } catch (BrokenImageException e) {
                String problem = named.apply(candidate) + ": " + e.getMessage();
                if (onBroken == OnBroken.FAIL) {
                    throw new BrokenImageException(problem, e);
                }
                broken.add(new LoadedSample.Broken(firstId + candidate, problem));
                if (broken.size() > MAX_REPLACEMENTS) {
                    throw new BrokenImageException(
                            "%d samples in a row cannot be read; are the files where the data set looks for them, and whole? The last one: %s"
                                    .formatted(broken.size(), problem),
                            e);
                }
                candidate = replacements.integer(0, size);
            } catch (RuntimeException e) {
                throw new IllegalStateException(named.apply(candidate) + ": " + e.getMessage(), e);
            }
        }
    }
}
