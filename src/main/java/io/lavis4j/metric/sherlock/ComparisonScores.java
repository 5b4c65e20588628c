package io.lavis4j.metric.sherlock;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Scores of comparison: agreement with the raters' order, 100 for all pairs and 0 for half of them.
 *
 * @param items one for each instance, in the key's order
 */
public record ComparisonScores(List<Item> items) implements SherlockScores {

    private static final double PERCENT = 100;

    /**
     * One instance; 1 is full agreement and -1 none.
     *
     * @param inputId of its image and region
     * @param model of the predictions with the raters
     * @param human of the raters with each other
     * @param oracle of the raters' mean with the raters
     */
    public record Item(String inputId, double model, double human, double oracle) {}

    public ComparisonScores {
        items = List.copyOf(items);
    }

    /** Mean agreement of the predictions, times 100. */
    public double model() {
        return PERCENT * items.stream().mapToDouble(Item::model).average().orElse(Double.NaN);
    }

    /** Mean agreement of the raters with each other, times 100. */
    public double human() {
        return PERCENT * items.stream().mapToDouble(Item::human).average().orElse(Double.NaN);
    }

    /** Mean agreement of the raters' mean, times 100. */
    public double oracle() {
        return PERCENT * items.stream().mapToDouble(Item::oracle).average().orElse(Double.NaN);
    }

    @Override
    public Map<String, Number> values() {
        var values = new LinkedHashMap<String, Number>();
        values.put("human", human());
        values.put("model", model());
        values.put("oracle", oracle());
        values.put("n", items.size());
        return values;
    }

    @Override
    public List<String> lines() {
        return List.of(
                "Human corr: " + Printed.fixed(human(), 2),
                "Model corr: %s (N=%d)".formatted(Printed.fixed(model(), 2), items.size()),
                "Oracle corr: %s (N=%d)".formatted(Printed.fixed(oracle(), 2), items.size()));
    }
}
