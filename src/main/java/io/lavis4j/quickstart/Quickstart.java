package io.lavis4j.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.lavis4j.dataset.sherlock.SherlockPaths;
import io.lavis4j.image.Box;
import io.lavis4j.io.JsonFile;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.StreamSupport;

/**
 * From nothing to a report: draws the corpus, has a model fine-tuned and questioned, and writes down what came of it.
 *
 * <p>Nothing is chosen by the validation split: settings were found on corpora of other seeds, and the model of the
 * last epoch is the one that answers.
 */
public final class Quickstart {

    private final QuickstartCorpus corpus;
    private final Path output;

    /** @param output gets the corpus, {@code summary.json} and {@code report.html} */
    public Quickstart(QuickstartCorpus corpus, Path output) {
        this.corpus = corpus;
        this.output = output;
    }

    /** Fine-tunes a model and has it answer. */
    public interface Experiment {

        /**
         * Fine-tunes on the training split, then answers the validation split three times: as it is, with the
         * annotations whose images are shuffled, and with region mode {@code none}.
         *
         * @param root of the corpus
         * @param shuffled annotation file to use in place of the validation split's
         */
        Outcome run(Path root, Path shuffled);
    }

    /**
     * The outcome of an experiment.
     *
     * @param trainSeconds wall time of the training alone
     * @param losses in the order of the steps
     * @param scores of the task on the split as it is, by their names
     * @param answers generated text by instance id
     * @param shuffled the same with shuffled images
     * @param withoutHighlight the same with plain images
     */
    public record Outcome(
            double trainSeconds,
            List<LossPoint> losses,
            Map<String, Double> scores,
            Map<String, String> answers,
            Map<String, String> shuffled,
            Map<String, String> withoutHighlight) {}

    /**
     * Runs all of it.
     *
     * @throws IllegalStateException if the experiment leaves a record without an answer
     * @throws UncheckedIOException if a file cannot be written or read
     */
    public QuickstartResults run(Experiment experiment) {
        var root = output.resolve("corpus");
        corpus.drawInto(root);
        var shuffled = output.resolve("val_shuffled.json");
        ShuffledImages.write(QuickstartCorpus.validationFile(root), shuffled, corpus.seed());
        var outcome = experiment.run(root, shuffled);
        var records = records(QuickstartCorpus.validationFile(root));
        var results = new QuickstartResults(
                corpus.seed(),
                outcome.trainSeconds(),
                outcome.losses(),
                outcome.scores(),
                inferences(QuickstartCorpus.trainingFile(root)),
                answers(root, records, outcome.answers()),
                answers(root, records, outcome.shuffled()),
                answers(root, records, outcome.withoutHighlight()));
        QuickstartReport.write(output, results);
        return results;
    }

    private static ArrayNode records(Path annotations) {
        return JsonFile.of(annotations, QuickstartCorpus.ANNOTATIONS).list();
    }

    private static Set<String> inferences(Path annotations) {
        var inferences = new HashSet<String>();
        records(annotations).forEach(record -> inferences.add(inference(record)));
        return inferences;
    }

    private static String inference(JsonNode record) {
        return record.at("/targets/inference").asText();
    }

    private static List<Answer> answers(Path root, ArrayNode records, Map<String, String> generated) {
        var images = new SherlockPaths(List.of(root));
        var answers = new ArrayList<Answer>();
        for (var record : records) {
            String id = record.get("instance_id").asText();
            String text = generated.get(id);
            if (text == null) {
                throw new IllegalStateException(
                        "no answer to record %s, only to %d others".formatted(id, generated.size()));
            }
            var inputs = record.get("inputs");
            answers.add(new Answer(
                    id,
                    images.file(inputs.at("/image/url").asText()),
                    inputs.at("/image/width").asInt(),
                    inputs.at("/image/height").asInt(),
                    boxes(inputs.get("bboxes")),
                    inputs.get("clue").asText(),
                    inference(record),
                    text));
        }
        return answers;
    }

    private static List<Box> boxes(JsonNode bboxes) {
        return StreamSupport.stream(bboxes.spliterator(), false)
                .map(box -> new Box(
                        box.get("left").asInt(),
                        box.get("top").asInt(),
                        box.get("width").asInt(),
                        box.get("height").asInt()))
                .toList();
    }
}
