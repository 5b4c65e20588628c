package io.lavis4j.task;

import io.lavis4j.dataset.Batch;
import io.lavis4j.dataset.Share;
import io.lavis4j.metric.RetrievalRecall;
import io.lavis4j.model.SimilarityRanker;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The images and texts of one split, ranked for one another. */
final class RetrievalEvaluation implements Task.Evaluation<RetrievalEvaluation.Ranks> {

    private static final Logger LOG = LoggerFactory.getLogger(RetrievalEvaluation.class);
    private static final int NAMED = 10; // recalls look no further

    private final SimilarityRanker.Comparison comparison;
    private final List<String> images = new ArrayList<>(); // ids
    private final List<String> texts = new ArrayList<>();
    private final List<int[]> textsOfImage = new ArrayList<>();
    private final List<Integer> imageOfText = new ArrayList<>();

    /**
     * The candidates of one image, or of one text.
     *
     * @param query index of it
     * @param rank of the best right one, from 0
     * @param nearest indices of the 10 best; of equal ones the wrong come first, as they count
     * @param scores of these
     */
    record Ranked(int query, int rank, List<Integer> nearest, List<Double> scores) {}

    /** Some images and texts with their candidates. */
    record Ranks(List<Ranked> images, List<Ranked> texts) {}

    RetrievalEvaluation(SimilarityRanker.Comparison comparison) {
        this.comparison = comparison;
    }

    /** @throws IllegalArgumentException if a sample has no references, or an id is that of another, too */
    @Override
    public Ranks step(Batch batch) {
        for (var sample : batch.samples()) {
            if (sample.references().isEmpty()) {
                throw new IllegalArgumentException(
                        "sample %s has no texts that it can be found by; retrieval expects one or more, as those of coco_retrieval"
                                .formatted(sample.instanceId()));
            }
            int first = texts.size(), image = images.size();
            images.add(sample.instanceId());
            texts.addAll(sample.references());
            textsOfImage.add(IntStream.range(first, texts.size()).toArray());
            sample.references().forEach(text -> imageOfText.add(image));
        }
        comparison.add(batch.image());
        return new Ranks(List.of(), List.of());
    }

    @Override
    public List<Ranks> conclude(Share share) {
        LOG.info("{} images and {} texts are compared", images.size(), texts.size());
        comparison.compare(texts);
        return List.of(new Ranks(
                of(share, images.size())
                        .map(i -> ranked(
                                i, "image " + images.get(i), comparison.scores(i, true), "texts", textsOfImage.get(i)))
                        .toList(),
                of(share, texts.size())
                        .map(t -> ranked(t, "text " + t, comparison.scores(t, false), "images", imageOfText.get(t)))
                        .toList()));
    }

    private static Stream<Integer> of(Share share, int all) {
        return IntStream.range(0, all)
                .filter(i -> i % share.world() == share.rank())
                .boxed();
    }

    private static Ranked ranked(int index, String query, float[] found, String candidates, int... right) {
        double[] scores =
                IntStream.range(0, found.length).mapToDouble(i -> found[i]).toArray();
        var own = IntStream.of(right).boxed().collect(Collectors.toSet());
        var nearest = IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.<Integer>comparingDouble(i -> -scores[i]).thenComparing(own::contains))
                .limit(NAMED)
                .toList();
        return new Ranked(
                index,
                RetrievalRecall.rank(scores, right, query, candidates),
                nearest,
                nearest.stream().map(i -> scores[i]).toList());
    }

    @Override
    public Class<Ranks> results() {
        return Ranks.class;
    }

    @Override
    public Map<String, Double> finish(List<Ranks> batches, Path directory, String name) {
        var ofImages = inOrder(batches, Ranks::images);
        var ofTexts = inOrder(batches, Ranks::texts);
        new RetrievalFile(images, texts, imageOfText).write(directory.resolve(name + ".json"), ofImages, ofTexts);
        var scores = new LinkedHashMap<>(
                RetrievalRecall.ofRanks(ranks(ofImages), ranks(ofTexts)).metrics());
        LOG.info("{}: {}", name, scores);
        return scores;
    }

    private static List<Ranked> inOrder(List<Ranks> parts, Function<Ranks, List<Ranked>> part) {
        return parts.stream()
                .flatMap(ranks -> part.apply(ranks).stream())
                .sorted(Comparator.comparingInt(Ranked::query))
                .toList();
    }

    private static int[] ranks(List<Ranked> queries) {
        return queries.stream().mapToInt(Ranked::rank).toArray();
    }

    @Override
    public void close() {
        comparison.close();
    }
}
