package io.lavis4j.metric.meteor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringTokenizer;

/** WordNet's sets of synonyms (Miller, 1995), by word and by the word's base form. */
final class WordNet {

    /** Endings of inflected forms and what base forms have instead, in WordNet's order: nouns, verbs, adjectives. */
    private static final String[][] ENDINGS = {
        {"s", ""},
        {"ses", "s"},
        {"xes", "x"},
        {"zes", "z"},
        {"ches", "ch"},
        {"shes", "sh"},
        {"men", "man"},
        {"ies", "y"},
        {"s", ""},
        {"ies", "y"},
        {"es", "e"},
        {"es", ""},
        {"ed", "e"},
        {"ed", ""},
        {"ing", "e"},
        {"ing", ""},
        {"er", ""},
        {"est", ""},
        {"er", "e"},
        {"est", "e"},
    };

    private final Map<String, int[]> synsets;
    private final Map<String, List<String>> exceptions;

    private WordNet(Map<String, int[]> synsets, Map<String, List<String>> exceptions) {
        this.synsets = synsets;
        this.exceptions = exceptions;
    }

    /**
     * Reads METEOR's files.
     *
     * @param synsets pairs of lines: word, numbers of its sets
     * @param exceptions pairs of lines: base form, inflected forms
     */
    static WordNet of(List<String> synsets, List<String> exceptions) {
        var sets = new HashMap<String, int[]>();
        for (int i = 0; i + 1 < synsets.size(); i += 2) {
            sets.put(
                    synsets.get(i),
                    words(synsets.get(i + 1)).stream()
                            .mapToInt(Integer::parseInt)
                            .toArray());
        }
        var bases = new HashMap<String, List<String>>();
        for (int i = 0; i + 1 < exceptions.size(); i += 2) {
            for (var inflected : words(exceptions.get(i + 1))) {
                bases.computeIfAbsent(inflected, key -> new ArrayList<>()).add(exceptions.get(i));
            }
        }
        return new WordNet(sets, bases);
    }

    private static List<String> words(String line) {
        var words = new ArrayList<String>();
        var all = new StringTokenizer(line);
        while (all.hasMoreTokens()) {
            words.add(all.nextToken());
        }
        return words;
    }

    /** The numbers of the sets that a word and its base form are in, with repetitions. */
    int[] synsets(String word) {
        var forms = new ArrayList<String>();
        forms.add(word);
        forms.addAll(bases(word));
        return forms.stream()
                .flatMapToInt(form -> Arrays.stream(synsets.getOrDefault(form, new int[0])))
                .toArray();
    }

    private List<String> bases(String word) {
        var known = exceptions.get(word);
        if (known != null) {
            return known;
        }
        if (word.length() > 2 && !word.endsWith("ss")) {
            for (var ending : ENDINGS) {
                if (word.endsWith(ending[0])) {
                    var base = word.substring(0, word.length() - ending[0].length()) + ending[1];
                    if (synsets.containsKey(base)) {
                        return List.of(base);
                    }
                }
            }
        }
        return List.of();
    }
}
