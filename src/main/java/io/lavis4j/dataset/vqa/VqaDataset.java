package io.lavis4j.dataset.vqa;

import io.lavis4j.dataset.AnnotationException;
import io.lavis4j.dataset.Dataset;
import io.lavis4j.dataset.ImagePaths;
import io.lavis4j.dataset.OnBroken;
import io.lavis4j.dataset.Sample;
import io.lavis4j.dataset.SampleTexts;
import io.lavis4j.dataset.record.Annotations;
import io.lavis4j.dataset.record.RecordFault;
import io.lavis4j.processor.InstructionProcessor;
import io.lavis4j.processor.TextProcessor;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The questions of one split.
 *
 * <p>In training a sample has the answers as people gave them, ten with repetitions in VQA v2, and the model learns one
 * that is drawn each time. Difference from LAVIS, which gives different answers with weights, their shares, and has
 * batches of as many answers as questions alone for BLIP-2: the expectation of the loss is that of the weighted one.
 *
 * <p>In evaluation the answers are references, candidates are the choices of the question or else the answer list, and
 * {@code textOutputs} has the right choice where it is known.
 */
final class VqaDataset implements Dataset {

    private static final Logger LOG = LoggerFactory.getLogger(VqaDataset.class);
    private static final String EXPECTED = "a JSON list of questions, as LAVIS publishes them";

    private final String name;
    private final List<VqaRecord> records;
    private final ImagePaths images;
    private final List<String> answerList;
    private final boolean training;
    private final List<String> leftOut;

    private VqaDataset(
            VqaConfig config,
            List<VqaRecord> records,
            List<String> answerList,
            boolean training,
            List<String> leftOut) {
        name = config.name();
        images = new ImagePaths(config.files().imageRoots());
        this.records = List.copyOf(records);
        this.answerList = answerList;
        this.training = training;
        this.leftOut = List.copyOf(leftOut);
    }

    /**
     * Reads one split.
     *
     * @param training leaves faulty records out, and those without an answer; evaluation takes all records and fails on
     *     faulty ones
     * @throws AnnotationException if a file is not there or cannot be used
     */
    static VqaDataset read(VqaConfig config, String split, boolean training) {
        String user = "data set %s, split %s".formatted(config.name(), split);
        var files = VqaFiles.of(split, config.files().locate(config.name(), split));
        var answers = files.annotations();
        var images = new ImagePaths(config.files().imageRoots());
        var read = Annotations.read(
                files.records(),
                EXPECTED,
                training ? OnBroken.SKIP : OnBroken.FAIL,
                new VqaRecordReader(config.format(), images, training && answers == null));
        var records = answers == null ? read.records() : joined(files, answers, read.records(), !training);
        if (records.isEmpty()) {
            throw new AnnotationException("%s: none of the records of %s can be used, %d are faulty"
                    .formatted(user, files.records(), read.skipped()));
        }
        if (!training) {
            requireAllOrNone(user, records);
        }
        LOG.info("{}: {} questions", user, records.size());
        return new VqaDataset(
                config,
                records,
                answerList(user, files, records),
                training,
                read.faults().stream().map(RecordFault::toString).toList());
    }

    private static List<VqaRecord> joined(VqaFiles files, Path answers, List<VqaRecord> records, boolean all) {
        var own = VqaAnnotations.read(answers);
        var questions = files.questions();
        if (questions != null) {
            own.requireSame(questions);
        }
        return own.joined(files.records().get(0), records, all);
    }

    private static void requireAllOrNone(String user, List<VqaRecord> records) {
        requireAllOrNone(user, records, "answer", record -> !record.answers().isEmpty());
        requireAllOrNone(user, records, "right choice", record -> record.correctChoice() != null);
    }

    /** A score of some questions would be taken for that of all. */
    private static void requireAllOrNone(
            String user, List<VqaRecord> records, String what, Predicate<VqaRecord> isKnown) {
        var open = records.stream().filter(isKnown.negate()).toList();
        if (!open.isEmpty() && open.size() < records.size()) {
            throw new AnnotationException(
                    "%s: %d of %d questions have no %s, the first is question_id %s; expected one for each, or for none, as a leaderboard's"
                            .formatted(
                                    user,
                                    open.size(),
                                    records.size(),
                                    what,
                                    open.get(0).questionId()));
        }
    }

    private static List<String> answerList(String user, VqaFiles files, List<VqaRecord> records) {
        if (files.answerList() != null && !records.get(0).choices().isEmpty()) {
            LOG.warn("{}: {} is not used, as its questions have choices of their own", user, files.answerList());
            return List.of();
        }
        return files.answers();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int size() {
        return records.size();
    }

    @Override
    public String instanceId(int index) {
        return records.get(index).questionId();
    }

    /** A processor that asks is given the question as it was asked. */
    @Override
    public Sample sample(int index, TextProcessor text) {
        var record = records.get(index);
        String question = text instanceof InstructionProcessor ? record.question() : text.process(record.question());
        return new Sample(
                images.file(record.image()),
                SampleTexts.of(record.questionId(), question)
                        .withTextOutputs(training ? learned(record) : correct(record))
                        .withReferences(record.answers())
                        .withCandidates(record.choices().isEmpty() ? answerList : record.choices())
                        .withGroups(record.groups()));
    }

    private static List<String> learned(VqaRecord record) {
        return record.answers().stream().filter(answer -> !answer.isBlank()).toList();
    }

    private static List<String> correct(VqaRecord record) {
        var choice = record.correctChoice();
        return choice == null ? List.of() : List.of(choice);
    }

    @Override
    public Map<String, List<String>> references() {
        var references = new LinkedHashMap<String, List<String>>();
        records.forEach(record -> references.putIfAbsent(record.questionId(), record.answers()));
        return Collections.unmodifiableMap(references);
    }

    @Override
    public List<String> leftOut() {
        return leftOut;
    }
}
