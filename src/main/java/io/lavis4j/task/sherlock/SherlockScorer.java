package io.lavis4j.task.sherlock;

import io.lavis4j.dataset.sherlock.SampleMapper;
import io.lavis4j.dataset.sherlock.SherlockCandidates;
import io.lavis4j.dataset.sherlock.SherlockConfig;
import io.lavis4j.dataset.sherlock.SherlockInstances;
import io.lavis4j.dataset.sherlock.SherlockPaths;
import io.lavis4j.dataset.sherlock.SherlockRecord;
import io.lavis4j.image.RegionMode;
import io.lavis4j.io.Listing;
import io.lavis4j.model.TextScorer;
import io.lavis4j.model.TextScorer.Candidates;
import io.lavis4j.processor.ImageProcessor;
import io.lavis4j.processor.ImageTensors;
import io.lavis4j.processor.Processors;
import io.lavis4j.processor.TextProcessor;
import io.lavis4j.task.PassTimer;
import io.lavis4j.task.RunListener;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;

/**
 * A model's scores for instances of Sherlock's leaderboard: images and texts are made as for its training.
 *
 * @param model put into eval mode
 * @param textsPerBatch that go through the model at once
 * @param vis image processor for evaluation
 * @param text text processor, with the prompt of training
 * @param input how texts and regions are made
 * @param paths where the images lie
 */
public record SherlockScorer(
        TextScorer model, int textsPerBatch, ImageProcessor vis, TextProcessor text, Input input, SherlockPaths paths) {

    private static final int SPELT_OUT = 10;

    /** The form of texts and regions that the model was trained on. */
    public record Input(SampleMapper mapper, RegionMode regionMode) {}

    /**
     * A scorer that makes images and texts as a run does.
     *
     * @param processors of the run
     * @param dataset that the model was trained on
     * @param imageRoots folders of images; empty for those of the data set
     */
    public static SherlockScorer of(
            TextScorer model, int textsPerBatch, Processors processors, SherlockConfig dataset, List<Path> imageRoots) {
        return new SherlockScorer(
                model,
                textsPerBatch,
                processors.vis().eval(),
                processors.text().trainOrEval(),
                new Input(dataset.mapper(), dataset.regionMode()),
                new SherlockPaths(imageRoots.isEmpty() ? dataset.files().imageRoots() : imageRoots));
    }

    /**
     * Checks what scoring will need, so that a long job does not fail half-way.
     *
     * @param name of the instances, for messages
     * @throws IllegalArgumentException if images are not there; names up to 10
     */
    public void check(String name, SherlockInstances instances) {
        for (var candidates : instances.candidates()) {
            String lacks = input.mapper().lacks(candidate(candidates, 0));
            if (lacks != null) {
                throw new IllegalArgumentException(
                        "%s: the model was trained with texts that need %s, which the leaderboard does not give; take a run with mapper inference"
                                .formatted(name, lacks));
            }
        }
        var missing = new LinkedHashSet<String>();
        for (var candidates : instances.candidates()) {
            var file = paths.file(candidates.url());
            if (!Files.isRegularFile(file)) {
                missing.add(file.toString());
            }
        }
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException("%s: %d images are not there: %s; give the folder of images"
                    .formatted(name, missing.size(), Listing.of(missing, SPELT_OUT)));
        }
    }

    /**
     * Scores every instance.
     *
     * @param name of the instances, for the listener
     * @param listener follows the regions
     * @return one score for each test id, higher fits better
     * @throws io.lavis4j.image.BrokenImageException if an image is missing or cannot be read
     */
    public Map<String, Float> score(String name, SherlockInstances instances, RunListener listener) {
        model.module().eval();
        var scores = new HashMap<String, Float>();
        var timer = new PassTimer(name, instances.candidates().size(), listener);
        List<String> known = List.of();
        Candidates prepared = null;
        try {
            for (var candidates : instances.candidates()) {
                if (prepared == null || !known.equals(candidates.inferences())) {
                    close(prepared);
                    prepared = null;
                    known = candidates.inferences();
                    prepared = model.candidates(texts(candidates), textsPerBatch);
                }
                float[] values = score(candidates, prepared);
                for (int i = 0; i < values.length; i++) {
                    scores.put(candidates.testIds().get(i), values[i]);
                }
                timer.endStep(Double.NaN);
            }
        } finally {
            close(prepared);
        }
        timer.end();
        return scores;
    }

    private static void close(@Nullable Candidates prepared) {
        if (prepared != null) {
            prepared.close();
        }
    }

    private float[] score(SherlockCandidates candidates, Candidates prepared) {
        try (var scope = new PointerScope()) {
            var regions = input.mapper().regions(candidate(candidates, 0), input.regionMode());
            var image = ImageTensors.tensor(
                    paths.file(candidates.url()), regions, vis, model.module().device()); // (1, 3, S, S)
            return prepared.score(image);
        }
    }

    private List<String> texts(SherlockCandidates candidates) {
        return IntStream.range(0, candidates.inferences().size())
                .mapToObj(i -> input.mapper().textInput(candidate(candidates, i), text))
                .toList();
    }

    /** The record that the instance would be; its clue is not given. */
    private static SherlockRecord candidate(SherlockCandidates of, int index) {
        return new SherlockRecord(
                of.url(),
                of.width(),
                of.height(),
                of.boxes(),
                null,
                null,
                0,
                of.inferences().get(index),
                of.testIds().get(index),
                null);
    }
}
