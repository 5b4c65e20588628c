package io.lavis4j.config;

import java.util.Collection;
import java.util.Comparator;

/** Finds what a misspelt word was probably meant to be. */
public final class Nearest {

    private Nearest() {}

    /** A hint for a word that is none of {@code known}: the nearest of them, or all when none is near. */
    public static String advice(String word, Collection<String> known) {
        if (known.isEmpty()) {
            return "nothing is expected here";
        }
        String nearest = known.stream()
                .min(Comparator.comparingInt(other -> distance(word, other)))
                .orElseThrow();
        return distance(word, nearest) <= Math.max(2, word.length() / 3)
                ? "did you mean %s?".formatted(nearest)
                : "expected one of " + known.stream().sorted().toList();
    }

    /** Like {@link #advice}, with the list in any case. */
    static String adviceAndList(String word, Collection<String> known) {
        String advice = advice(word, known),
                list = known.stream().sorted().toList().toString();
        return advice.endsWith(list) ? advice : "%s Known are %s".formatted(advice, list);
    }

    /** Edit distance (Levenshtein). */
    static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
