package io.lavis4j.check;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The lengths of a split's texts of one kind, in tokens as the model has them, special ones included.
 *
 * @param text {@code text_input} or {@code text_output}
 * @param key of the limit: {@code max_txt_len}
 * @param limit at which the model cuts
 * @param texts how many there are
 * @param mean length
 * @param longest length
 * @param cut texts that are longer than the limit
 */
public record TextSummary(String text, String key, int limit, long texts, double mean, int longest, long cut) {

    /** In the order of the components. */
    Map<String, Object> asMap() {
        var map = new LinkedHashMap<String, Object>();
        map.put("text", text);
        map.put("key", key);
        map.put("limit", limit);
        map.put("texts", texts);
        map.put("mean", mean);
        map.put("longest", longest);
        map.put("cut", cut);
        return map;
    }
}
