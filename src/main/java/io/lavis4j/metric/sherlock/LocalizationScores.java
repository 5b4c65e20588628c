package io.lavis4j.metric.sherlock;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Scores of localization, in percent, means over images; NaN where an image of the kind is missing.
 *
 * @param gtBox inferences assigned to their own box, one to one
 * @param gtImages how many images that is of
 * @param autoBox inferences whose best proposal overlaps the true box by more than half
 * @param oracle the same if each inference chose its best proposal
 * @param autoImages how many images these are of
 */
public record LocalizationScores(double gtBox, int gtImages, double autoBox, double oracle, int autoImages)
        implements SherlockScores {

    @Override
    public Map<String, Number> values() {
        var values = new LinkedHashMap<String, Number>();
        values.put("gt_bbox", gtBox);
        values.put("gt_n", gtImages);
        values.put("auto_bbox", autoBox);
        values.put("oracle_bbox", oracle);
        values.put("auto_n", autoImages);
        return values;
    }

    @Override
    public List<String> lines() {
        return List.of("acc gt bbox = %s (n=%d), acc auto bbox = %s (n=%d), acc oracle bbox = %s (n=%d)"
                .formatted(
                        Printed.fixed(gtBox, 4),
                        gtImages,
                        Printed.fixed(autoBox, 4),
                        autoImages,
                        Printed.fixed(oracle, 4),
                        autoImages));
    }
}
