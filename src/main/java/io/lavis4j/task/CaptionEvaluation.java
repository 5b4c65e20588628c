package io.lavis4j.task;

import io.lavis4j.dataset.Batch;
import io.lavis4j.io.Listing;
import io.lavis4j.metric.CaptionItem;
import io.lavis4j.metric.CaptionMetrics;
import io.lavis4j.metric.CaptionScores;
import io.lavis4j.model.AnswerLearner;
import io.lavis4j.model.CaptionGenerator;
import io.lavis4j.model.Texts;
import io.lavis4j.model.TrainableModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Captions of one split and their scores. */
final class CaptionEvaluation implements Task.Evaluation<CaptionEvaluation.Captions> {

    private static final Logger LOG = LoggerFactory.getLogger(CaptionEvaluation.class);

    private final TrainableModel learner;
    private final CaptionGenerator generator;
    private final CaptioningTask task;

    /**
     * The captions of a batch.
     *
     * @param loss mean loss of the references; {@code null} if a sample has none
     * @param items B captions
     * @param groups B maps of keys that scores are broken down by
     */
    record Captions(@Nullable Double loss, List<Written> items, List<Map<String, String>> groups) {}

    /** The caption of a sample and the data set's references for it, which may be none. */
    record Written(String id, String caption, List<String> references) {}

    /** The same model as one that learns captions and one that writes them. */
    CaptionEvaluation(TrainableModel learner, CaptionGenerator generator, CaptioningTask task) {
        this.learner = learner;
        this.generator = generator;
        this.task = task;
    }

    @Override
    public Captions step(Batch batch) {
        batch.samples().forEach(sample -> task.requireReferences(Map.of(sample.instanceId(), sample.references())));
        try (var scope = new PointerScope()) {
            var prompts = prompts(batch);
            var loss = batch.references().stream().anyMatch(List::isEmpty) ? null : loss(batch, prompts);
            var captions =
                    generator.generate(batch.image(), prompts, task.config().generation());
            var items = IntStream.range(0, batch.size())
                    .mapToObj(b -> new Written(
                            batch.instanceIds().get(b),
                            captions.get(b),
                            batch.references().get(b)))
                    .toList();
            return new Captions(loss, items, batch.groups());
        }
    }

    @Override
    public Class<Captions> results() {
        return Captions.class;
    }

    /** A model that learns answers takes a caption without a question for the answer to its prompt. */
    private double loss(Batch batch, List<String> prompts) {
        var texts = batch.texts();
        var losses = learner instanceof AnswerLearner && texts.output().isEmpty()
                ? learner.forward(batch.image(), Texts.of(prompts, answers(texts.input(), prompts)))
                : task.trainStep(learner, batch);
        return losses.total().item_double();
    }

    /** What captions say after their prompts, where they begin with these. */
    private static List<String> answers(List<String> captions, List<String> prompts) {
        return IntStream.range(0, captions.size())
                .mapToObj(b -> {
                    String caption = captions.get(b), prompt = prompts.get(b);
                    return prompt.isEmpty() || !caption.startsWith(prompt)
                            ? caption
                            : caption.substring(prompt.length()).stripLeading();
                })
                .toList();
    }

    private List<String> prompts(Batch batch) {
        return batch.prompts().stream()
                .map(prompt -> prompt == null ? generator.prompt() : prompt)
                .toList();
    }

    /** A part of texts and of their references. */
    private List<Written> part(Collection<Written> items, String name) {
        var parts = task.config().textParts();
        return items.stream()
                .map(item -> new Written(
                        item.id(), parts.written(item.caption(), name), parts.references(item.references(), name)))
                .toList();
    }

    /**
     * The captions that have references, of a file or of the samples, and are asked for.
     *
     * @param references of a file; {@code null} for those of the samples
     */
    private List<CaptionItem> judged(Collection<Written> items, @Nullable Map<String, List<String>> references) {
        if (references == null) {
            references = new LinkedHashMap<>();
            for (var item : items) {
                if (!item.references().isEmpty()) {
                    references.put(item.id(), item.references());
                }
            }
        }
        var asked = task.config().imgIds();
        if (!asked.isEmpty()) {
            var unknown = new ArrayList<>(asked);
            unknown.removeAll(references.keySet());
            if (!unknown.isEmpty()) {
                throw new IllegalArgumentException(
                        "run.img_ids names %d ids without references: %s; expected ids such as %s"
                                .formatted(
                                        unknown.size(),
                                        Listing.of(unknown),
                                        Listing.of(List.copyOf(references.keySet()))));
            }
            references.keySet().retainAll(Set.copyOf(asked));
        }
        var captions = new HashMap<String, String>();
        for (var item : items) {
            if (references.containsKey(item.id())) {
                captions.put(item.id(), item.caption());
            }
        }
        return CaptionItem.join(captions, references);
    }

    @Override
    public Map<String, Double> finish(List<Captions> batches, Path directory, String name) {
        var items = new LinkedHashMap<String, Written>();
        var groups = new HashMap<String, Map<String, String>>(); // by id
        double lossSum = 0;
        long samples = 0;
        boolean learned = true;
        for (var batch : batches) {
            int B = batch.items().size();
            var loss = batch.loss();
            learned &= loss != null;
            lossSum += loss == null ? 0 : B * loss;
            samples += B;
            for (int b = 0; b < B; b++) { // of several results for an id the first stays
                var item = batch.items().get(b);
                items.putIfAbsent(item.id(), item);
                groups.putIfAbsent(item.id(), batch.groups().get(b));
            }
        }
        var parts = task.config().textParts();
        var references = task.config().references();
        Collection<Written> main = items.values();
        if (!parts.names().isEmpty()) {
            main = part(main, parts.scored());
            if (references != null) {
                references.replaceAll((id, texts) -> parts.references(texts, parts.scored()));
            }
        }
        var scores = new LinkedHashMap<String, Double>();
        var found = scored(main, references, new CaptionFiles(directory), name);
        if (found != null) {
            scores.putAll(found.corpus());
            scores.put(Task.AGG_METRICS, found.aggregate());
        } else {
            scores.put(Task.AGG_METRICS, 0.0);
        }
        if (learned) {
            scores.put("loss", lossSum / samples);
        }
        LOG.info("{}: {} results, {}", name, items.size(), scores);
        if (found != null) {
            scores.putAll(GroupScores.of(found, groups));
        }
        for (String other : parts.others()) {
            String key = TextParts.key(other);
            var ofPart = scored(part(items.values(), other), null, CaptionFiles.below(directory, key), name);
            if (ofPart != null) {
                ofPart.corpus().forEach((metric, score) -> scores.put("%s[%s]".formatted(metric, key), score));
            }
        }
        return scores;
    }

    /** Writes captions and references, and scores the captions if they are to be; {@code null} if they are not. */
    private @Nullable CaptionScores scored(
            Collection<Written> items,
            @Nullable Map<String, List<String>> references,
            CaptionFiles files,
            String name) {
        files.results(name, items);
        var judged = judged(items, references);
        if (!judged.isEmpty()) {
            files.groundTruth(name, judged);
        }
        return task.config().reportMetric() && !judged.isEmpty()
                ? CaptionMetrics.score(CaptionMetrics.tokenize(judged))
                : null;
    }
}
