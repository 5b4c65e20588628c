package io.lavis4j.task;

import io.lavis4j.dataset.Batch;
import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.io.JsonFile;
import io.lavis4j.metric.vqa.VqaAnswer;
import io.lavis4j.metric.vqa.VqaFiles;
import io.lavis4j.metric.vqa.VqaItem;
import io.lavis4j.metric.vqa.VqaScores;
import io.lavis4j.model.AnswerPredictor;
import io.lavis4j.model.BaseModel;
import io.lavis4j.model.ClassPredictor;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers to the questions of one split and their scores. */
final class VqaEvaluation implements Task.Evaluation<VqaEvaluation.Answers> {

    private static final Logger LOG = LoggerFactory.getLogger(VqaEvaluation.class);
    private static final String QUESTION_TYPE = "question_type";
    private static final String ANSWER_TYPE = "answer_type";
    private static final String MULTIPLE_CHOICE = "multiple_choice";
    private static final double PERCENT = 100;

    private final AnswerPredictor predictor;
    private final @Nullable LikeliestCandidates chooser;
    private final Benchmark benchmark;
    private final VqaConfig config;
    private final GenerationConfig generation;

    /**
     * An answered question.
     *
     * @param choice the likeliest choice; empty where none is asked for
     * @param correctChoice {@code null} if it is unknown
     * @param references answers of people; empty if they are secret
     * @param groups keys that scores are broken down by
     */
    record Answered(
            String questionId,
            String answer,
            String choice,
            @Nullable String correctChoice,
            List<String> references,
            Map<String, String> groups) {}

    /** The answers of a batch. */
    record Answers(List<Answered> answered) {}

    /** @param model that answers, and ranks where that is asked for */
    VqaEvaluation(BaseModel model, Benchmark benchmark, VqaConfig config) {
        predictor = model.as(AnswerPredictor.class);
        chooser = benchmark.hasChoices() || config.inferenceMethod() == InferenceMethod.RANK
                ? chooser(model.as(ClassPredictor.class), benchmark, config)
                : null;
        this.benchmark = benchmark;
        this.config = config;
        generation = config.search().of(predictor.answerDefaults());
    }

    private static LikeliestCandidates chooser(ClassPredictor model, Benchmark benchmark, VqaConfig config) {
        int atOnce = config.numAnsCandidates();
        return new LikeliestCandidates(
                model,
                config.prompt(),
                candidates -> (candidates + atOnce - 1) / atOnce,
                benchmark.adviceWithoutCandidates());
    }

    @Override
    public Answers step(Batch batch) {
        requireScorable(batch);
        try (var scope = new PointerScope()) {
            var chosen = chooser == null ? List.<String>of() : chooser.of(batch);
            var answers = config.inferenceMethod() == InferenceMethod.RANK
                    ? chosen
                    : predictor.predictAnswers(
                            batch.image(), LikeliestCandidates.questions(batch), config.prompt(), generation);
            return new Answers(IntStream.range(0, batch.size())
                    .mapToObj(b -> new Answered(
                            batch.instanceIds().get(b),
                            answers.get(b),
                            benchmark.hasChoices() ? chosen.get(b) : "",
                            batch.samples().get(b).textOutput(),
                            batch.references().get(b),
                            batch.groups().get(b)))
                    .toList());
        }
    }

    /** In the first batch that has it, as a score comes after all are answered. */
    private void requireScorable(Batch batch) {
        if (benchmark != Benchmark.GQA || !config.annoFiles().isEmpty()) {
            return;
        }
        for (var sample : batch.samples()) {
            int answers = sample.references().size();
            if (answers > 1) {
                throw new IllegalArgumentException(
                        "question %s has %d answers; GQA's questions have one, and run.task vqa or aok_vqa is for several"
                                .formatted(sample.instanceId(), answers));
            }
        }
    }

    @Override
    public Class<Answers> results() {
        return Answers.class;
    }

    @Override
    public Map<String, Double> finish(List<Answers> batches, Path directory, String name) {
        var answers = new LinkedHashMap<String, Answered>(); // of several to a question the first stays
        for (var batch : batches) {
            batch.answered().forEach(answered -> answers.putIfAbsent(answered.questionId(), answered));
        }
        var file = directory.resolve(name + ".json");
        JsonFile.write(file, benchmark.results(answers.values()));
        var scores = new LinkedHashMap<String, Double>();
        var items = items(answers.values(), name, file);
        var found = items.isEmpty() ? null : benchmark.accuracy().score(items);
        if (found != null) {
            scores.put(VqaScores.ACCURACY, found.overall());
            scores.putAll(found.perAnswerType());
        }
        scores.putAll(multipleChoice(answers.values()));
        if (scores.isEmpty()) {
            LOG.warn(
                    "{}: the answers of people are not known, so there is no score; {} is for the leaderboard",
                    name,
                    file);
        } else {
            LOG.info("{}: {} answers, {}", name, answers.size(), scores);
        }
        scores.put(Task.AGG_METRICS, found == null ? 0 : found.overall());
        if (found != null) {
            scores.putAll(GroupScores.of(found, groups(items, answers)));
        }
        return scores;
    }

    /** Answers beside those of people, from a file or the samples; none where these are secret. */
    private List<VqaItem> items(Collection<Answered> answers, String name, Path results) {
        for (var annotations : config.annoFiles().entrySet()) {
            String split = annotations.getKey();
            if (name.startsWith(split + "_epoch")) { // names of results are <split>_epoch<label>
                return VqaFiles.read(annotations.getValue(), config.quesFiles().get(split), results);
            }
        }
        return known(answers, answered -> !answered.references().isEmpty(), "answer").stream()
                .map(answered -> new VqaItem(
                        answered.questionId(),
                        answered.answer(),
                        annotators(answered.references()),
                        answered.groups().getOrDefault(QUESTION_TYPE, ""),
                        answered.groups().getOrDefault(ANSWER_TYPE, "")))
                .toList();
    }

    /** All of these, or none where nothing is known of them: a score of some would be taken for that of all. */
    static <T> List<T> known(Collection<T> all, Predicate<T> isKnown, String what) {
        var known = all.stream().filter(isKnown).toList();
        if (!known.isEmpty() && known.size() < all.size()) {
            throw new IllegalArgumentException(
                    "%d of %d samples have no right %s; expected one for each, or for none, and then there is no score"
                            .formatted(all.size() - known.size(), all.size(), what));
        }
        return known;
    }

    /** Each annotator counts for himself, also with the answer of another. */
    private static List<VqaAnswer> annotators(List<String> answers) {
        return IntStream.range(0, answers.size())
                .mapToObj(i -> new VqaAnswer(answers.get(i), Map.of("answer_id", i + 1)))
                .toList();
    }

    private Map<String, Double> multipleChoice(Collection<Answered> answers) {
        if (!benchmark.hasChoices()) {
            return Map.of();
        }
        var known = known(answers, answered -> answered.correctChoice() != null, "choice");
        if (known.isEmpty()) {
            return Map.of();
        }
        long right =
                known.stream().filter(a -> a.choice().equals(a.correctChoice())).count();
        return Map.of(MULTIPLE_CHOICE, PERCENT * right / known.size());
    }

    private static Map<String, Map<String, String>> groups(List<VqaItem> items, Map<String, Answered> answers) {
        var groups = new LinkedHashMap<String, Map<String, String>>();
        for (var item : items) {
            var own = new LinkedHashMap<String, String>();
            var answered = answers.get(item.id());
            if (answered != null) {
                own.putAll(answered.groups());
            }
            putIfKnown(own, QUESTION_TYPE, item.questionType());
            putIfKnown(own, ANSWER_TYPE, item.answerType());
            groups.put(item.id(), own);
        }
        return groups;
    }

    private static void putIfKnown(Map<String, String> groups, String key, String group) {
        if (!group.isEmpty()) {
            groups.put(key, group);
        }
    }
}
