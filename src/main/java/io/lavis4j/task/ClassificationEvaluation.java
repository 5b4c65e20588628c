package io.lavis4j.task;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.lavis4j.dataset.Batch;
import io.lavis4j.dataset.SampleTexts;
import io.lavis4j.io.JsonFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Labels of one split and how many are right. */
record ClassificationEvaluation(LikeliestCandidates chooser)
        implements Task.Evaluation<ClassificationEvaluation.Labels> {

    private static final Logger LOG = LoggerFactory.getLogger(ClassificationEvaluation.class);

    /**
     * A labelled sample.
     *
     * @param target the right label; {@code null} if it is unknown
     */
    record Labelled(
            String instanceId, String prediction, @Nullable String target) {}

    /** The labels of a batch. */
    record Labels(List<Labelled> labelled) {}

    @Override
    public Labels step(Batch batch) {
        try (var scope = new PointerScope()) {
            var chosen = chooser.of(batch);
            return new Labels(IntStream.range(0, batch.size())
                    .mapToObj(b -> new Labelled(
                            batch.instanceIds().get(b),
                            chosen.get(b),
                            target(batch.samples().get(b))))
                    .toList());
        }
    }

    private static @Nullable String target(SampleTexts texts) {
        var answer = texts.textOutput();
        if (answer != null) {
            return answer;
        }
        if (texts.references().size() > 1) {
            throw new IllegalArgumentException("sample %s has %d references; expected one, its label"
                    .formatted(texts.instanceId(), texts.references().size()));
        }
        return texts.references().isEmpty() ? null : texts.references().get(0);
    }

    @Override
    public Class<Labels> results() {
        return Labels.class;
    }

    @Override
    public Map<String, Double> finish(List<Labels> batches, Path directory, String name) {
        var labels = new LinkedHashMap<String, Labelled>(); // of several of a sample the first stays
        for (var batch : batches) {
            batch.labelled().forEach(labelled -> labels.putIfAbsent(labelled.instanceId(), labelled));
        }
        var rows = JsonNodeFactory.instance.arrayNode();
        for (var labelled : labels.values()) {
            rows.addObject()
                    .put("instance_id", labelled.instanceId())
                    .put("prediction", labelled.prediction())
                    .put("target", labelled.target());
        }
        JsonFile.write(directory.resolve(name + ".json"), rows);
        var known = VqaEvaluation.known(labels.values(), labelled -> labelled.target() != null, "label");
        if (known.isEmpty()) {
            LOG.warn("{}: the right labels are not known, so there is no score", name);
            return Map.of(Task.AGG_METRICS, 0.0);
        }
        double share = (double) known.stream()
                        .filter(l -> l.prediction().equals(l.target()))
                        .count()
                / known.size();
        LOG.info("{}: {} labels, a share of {} right", name, known.size(), share);
        var scores = new LinkedHashMap<String, Double>();
        scores.put("acc", share);
        scores.put(Task.AGG_METRICS, share);
        return scores;
    }
}
