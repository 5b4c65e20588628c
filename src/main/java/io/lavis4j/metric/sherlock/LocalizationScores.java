package io.lavis4j.metric.sherlock;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Scores of localization, in percent, means over pictures; NaN where a picture of the kind is missing.
 *
 * @param gtBox inferences assigned to their own box, one to one
 * @param gtPictures how many pictures that is of
 * @param autoBox inferences whose best proposal overlaps the true box by more than half
 * @param oracle the same if each inference chose its best proposal
 * @param autoPictures how many pictures these are of
 */
public record LocalizationScores(double gtBox, int gtPictures, double autoBox, double oracle, int autoPictures)
        implements SherlockScores {

    @Override
    public Map<String, Number> values() {
        var values = new LinkedHashMap<String, Number>();
        values.put("gt_bbox", gtBox);
        values.put("gt_n", gtPictures);
        values.put("auto_bbox", autoBox);
        values.put("oracle_bbox", oracle);
        values.put("auto_n", autoPictures);
        return values;
    }

    @Override
    public List<String> lines() {
        return List.of("acc gt bbox = %s (n=%d), acc auto bbox = %s (n=%d), acc oracle bbox = %s (n=%d)"
                .formatted(
                        Printed.fixed(gtBox, 4),
                        gtPictures,
                        Printed.fixed(autoBox, 4),
                        autoPictures,
                        Printed.fixed(oracle, 4),
                        autoPictures));
    }
}
