package io.lavis4j.metric.vqa;

import io.lavis4j.metric.Aggregation;
import io.lavis4j.metric.CorpusScores;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Accuracies in percent: of all questions, of each kind, of each question. */
public final class VqaScores implements CorpusScores {

    /** Name of the only metric. */
    public static final String ACCURACY = "accuracy";

    private final List<VqaItem> questions;
    private final double[] accuracies; // 0 to 1
    private final boolean rounded;

    VqaScores(List<VqaItem> questions, double[] accuracies, boolean rounded) {
        this.questions = List.copyOf(questions);
        this.accuracies = accuracies.clone();
        this.rounded = rounded;
    }

    /** The mean over all questions. */
    public double overall() {
        return percent(accuracies);
    }

    /** By what {@code question_type} says; empty if the questions have none. */
    public Map<String, Double> perQuestionType() {
        return per(VqaItem::questionType);
    }

    /** By what {@code answer_type} says; empty if the questions have none. */
    public Map<String, Double> perAnswerType() {
        return per(VqaItem::answerType);
    }

    /** By question id. */
    public Map<String, Double> perQuestion() {
        return per(VqaItem::id);
    }

    private Map<String, Double> per(Function<VqaItem, String> key) {
        var groups = new LinkedHashMap<String, List<Double>>();
        for (int i = 0; i < accuracies.length; i++) {
            String group = key.apply(questions.get(i));
            if (!group.isEmpty()) {
                groups.computeIfAbsent(group, name -> new ArrayList<>()).add(accuracies[i]);
            }
        }
        var means = new LinkedHashMap<String, Double>();
        groups.forEach((name, all) ->
                means.put(name, percent(all.stream().mapToDouble(x -> x).toArray())));
        return Collections.unmodifiableMap(means);
    }

    /** The order of the operations decides the last digit. */
    private double percent(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        double percent = 100 * sum / values.length;
        return rounded
                ? new BigDecimal(percent).setScale(2, RoundingMode.HALF_EVEN).doubleValue()
                : percent;
    }

    @Override
    public Map<String, Double> corpus() {
        return Map.of(ACCURACY, overall());
    }

    @Override
    public List<String> ids() {
        return questions.stream().map(VqaItem::id).toList();
    }

    @Override
    public Map<String, double[]> items() {
        return Map.of(ACCURACY, percents());
    }

    /** Of a selection the mean, not rounded. */
    @Override
    public Aggregation aggregation() {
        return Aggregation.mean(ACCURACY, percents());
    }

    private double[] percents() {
        var percents = accuracies.clone();
        for (int i = 0; i < percents.length; i++) {
            percents[i] *= 100;
        }
        return percents;
    }
}
