package io.lavis4j.metric.sherlock;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Scores of one retrieval split.
 *
 * @param im2txt mean rank of the true text among a region's texts, from 1; lower is better
 * @param txt2im mean rank of the true region among a text's regions, from 1; lower is better
 * @param precisionAt1 percent of regions whose true text alone has the best score
 * @param regions how many regions, and texts
 */
public record RetrievalScores(double im2txt, double txt2im, double precisionAt1, int regions)
        implements SherlockScores {

    @Override
    public Map<String, Number> values() {
        var values = new LinkedHashMap<String, Number>();
        values.put("im2txt", im2txt);
        values.put("txt2im", txt2im);
        values.put("p_at_1", precisionAt1);
        values.put("n", regions);
        return values;
    }

    @Override
    public List<String> lines() {
        return List.of(
                "im2txt: " + Printed.fixed(im2txt, 3),
                "txt2im: " + Printed.fixed(txt2im, 3),
                "p_at_1: " + Printed.fixed(precisionAt1, 3));
    }
}
