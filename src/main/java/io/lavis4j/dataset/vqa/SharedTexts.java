package io.lavis4j.dataset.vqa;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Texts of which equal ones are kept once: ten answers to each of half a million questions are few different ones. */
final class SharedTexts {

    private final Map<String, String> known = new HashMap<>();

    /** The same text, as it was first met. */
    String of(String text) {
        var first = known.putIfAbsent(text, text);
        return first == null ? text : first;
    }

    /** The same texts. */
    List<String> of(List<String> texts) {
        return texts.stream().map(this::of).toList();
    }
}
