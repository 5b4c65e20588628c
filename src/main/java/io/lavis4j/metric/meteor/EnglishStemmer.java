package io.lavis4j.metric.meteor;

import java.util.Map;
import java.util.Set;

/** The English stemmer of Snowball, also called Porter 2, from its published description. For lower-case words. */
final class EnglishStemmer {

    private static final Map<String, String> EXCEPTIONS = Map.ofEntries(
            Map.entry("skis", "ski"),
            Map.entry("skies", "sky"),
            Map.entry("dying", "die"),
            Map.entry("lying", "lie"),
            Map.entry("tying", "tie"),
            Map.entry("idly", "idl"),
            Map.entry("gently", "gentl"),
            Map.entry("ugly", "ugli"),
            Map.entry("early", "earli"),
            Map.entry("only", "onli"),
            Map.entry("singly", "singl"));

    private static final Set<String> INVARIANT = Set.of("sky", "news", "howe", "atlas", "cosmos", "bias", "andes");

    private static final Set<String> INVARIANT_AFTER_1A =
            Set.of("inning", "outing", "canning", "herring", "earring", "proceed", "exceed", "succeed");

    private static final String[][] STEP_2 = {
        {"ization", "ize"}, {"ational", "ate"}, {"fulness", "ful"}, {"ousness", "ous"}, {"iveness", "ive"},
        {"tional", "tion"}, {"biliti", "ble"}, {"lessli", "less"}, {"entli", "ent"}, {"ation", "ate"},
        {"alism", "al"}, {"aliti", "al"}, {"ousli", "ous"}, {"iviti", "ive"}, {"fulli", "ful"},
        {"enci", "ence"}, {"anci", "ance"}, {"abli", "able"}, {"izer", "ize"}, {"ator", "ate"},
        {"alli", "al"}, {"bli", "ble"}, {"ogi", "og"}, {"li", ""},
    };

    private static final String[][] STEP_3 = {
        {"ational", "ate"},
        {"tional", "tion"},
        {"alize", "al"},
        {"icate", "ic"},
        {"iciti", "ic"},
        {"ative", ""},
        {"ical", "ic"},
        {"ness", ""},
        {"ful", ""},
    };

    private static final String[] STEP_4 = {
        "ement", "ance", "ence", "able", "ible", "ment", "ant", "ent", "ism", "ate", "iti", "ous", "ive", "ize", "ion",
        "al", "er", "ic"
    };

    private final StringBuilder word;
    private int r1;
    private int r2;

    private EnglishStemmer(String text) {
        word = new StringBuilder(text);
    }

    static String stem(String text) {
        if (text.length() <= 2 || INVARIANT.contains(text)) {
            return text;
        }
        var exception = EXCEPTIONS.get(text);
        return exception != null ? exception : new EnglishStemmer(text).run();
    }

    private String run() {
        if (word.charAt(0) == '\'') {
            word.deleteCharAt(0);
        }
        markConsonantY();
        findRegions();
        step0();
        step1a();
        if (!INVARIANT_AFTER_1A.contains(word.toString())) {
            step1b();
            step1c();
            step2();
            step3();
            step4();
            step5();
        }
        return word.toString().replace('Y', 'y');
    }

    private static boolean isVowel(char c) {
        return "aeiouy".indexOf(c) >= 0;
    }

    private void markConsonantY() {
        for (int i = 0; i < word.length(); i++) {
            if (word.charAt(i) == 'y' && (i == 0 || isVowel(word.charAt(i - 1)))) {
                word.setCharAt(i, 'Y');
            }
        }
    }

    private void findRegions() {
        r1 = -1;
        for (var prefix : new String[] {"gener", "commun", "arsen"}) {
            if (word.indexOf(prefix) == 0) {
                r1 = prefix.length();
            }
        }
        r1 = r1 < 0 ? region(0) : r1;
        r2 = region(r1);
    }

    /** The start of the letters that follow the first consonant after a vowel. */
    private int region(int from) {
        for (int i = from + 1; i < word.length(); i++) {
            if (!isVowel(word.charAt(i)) && isVowel(word.charAt(i - 1))) {
                return i + 1;
            }
        }
        return word.length();
    }

    private boolean endsWith(String suffix) {
        int at = word.length() - suffix.length();
        return at >= 0 && word.indexOf(suffix, at) == at;
    }

    private void cut(int length) {
        word.setLength(word.length() - length);
    }

    private void replace(String suffix, String by) {
        cut(suffix.length());
        word.append(by);
    }

    private boolean hasVowelBefore(int end) {
        for (int i = 0; i < end; i++) {
            if (isVowel(word.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    private void step0() {
        for (var suffix : new String[] {"'s'", "'s", "'"}) {
            if (endsWith(suffix)) {
                cut(suffix.length());
                return;
            }
        }
    }

    private void step1a() {
        if (endsWith("sses")) {
            cut(2);
        } else if (endsWith("ied") || endsWith("ies")) {
            cut(word.length() > 4 ? 2 : 1);
        } else if (endsWith("s") && !endsWith("us") && !endsWith("ss") && hasVowelBefore(word.length() - 2)) {
            cut(1);
        }
    }

    private void step1b() {
        for (var suffix : new String[] {"eedly", "eed"}) {
            if (endsWith(suffix)) {
                if (word.length() - suffix.length() >= r1) {
                    replace(suffix, "ee");
                }
                return;
            }
        }
        for (var suffix : new String[] {"ingly", "edly", "ing", "ed"}) {
            if (endsWith(suffix)) {
                if (hasVowelBefore(word.length() - suffix.length())) {
                    cut(suffix.length());
                    mendEnding();
                }
                return;
            }
        }
    }

    private void mendEnding() {
        int length = word.length();
        if (endsWith("at") || endsWith("bl") || endsWith("iz")) {
            word.append('e');
        } else if (length > 1
                && word.charAt(length - 1) == word.charAt(length - 2)
                && "bdfgmnprt".indexOf(word.charAt(length - 1)) >= 0) {
            cut(1);
        } else if (r1 >= length && endsInShortSyllable(length)) {
            word.append('e');
        }
    }

    /** Whether the first {@code length} letters end in a short syllable. */
    private boolean endsInShortSyllable(int length) {
        if (length == 2) {
            return isVowel(word.charAt(0)) && !isVowel(word.charAt(1));
        }
        return length > 2
                && !isVowel(word.charAt(length - 3))
                && isVowel(word.charAt(length - 2))
                && !isVowel(word.charAt(length - 1))
                && "wxY".indexOf(word.charAt(length - 1)) < 0;
    }

    private void step1c() {
        int last = word.length() - 1;
        if (last > 1 && (word.charAt(last) == 'y' || word.charAt(last) == 'Y') && !isVowel(word.charAt(last - 1))) {
            word.setCharAt(last, 'i');
        }
    }

    private void step2() {
        for (var rule : STEP_2) {
            if (endsWith(rule[0])) {
                int at = word.length() - rule[0].length();
                char before = at > 0 ? word.charAt(at - 1) : ' ';
                boolean fits = switch (rule[0]) {
                    case "ogi" -> before == 'l';
                    case "li" -> "cdeghkmnrt".indexOf(before) >= 0;
                    default -> true;
                };
                if (at >= r1 && fits) {
                    replace(rule[0], rule[1]);
                }
                return;
            }
        }
    }

    private void step3() {
        for (var rule : STEP_3) {
            if (endsWith(rule[0])) {
                int at = word.length() - rule[0].length();
                if (at >= (rule[0].equals("ative") ? r2 : r1)) {
                    replace(rule[0], rule[1]);
                }
                return;
            }
        }
    }

    private void step4() {
        for (var suffix : STEP_4) {
            if (endsWith(suffix)) {
                int at = word.length() - suffix.length();
                char before = at > 0 ? word.charAt(at - 1) : ' ';
                if (at >= r2 && (!suffix.equals("ion") || before == 's' || before == 't')) {
                    cut(suffix.length());
                }
                return;
            }
        }
    }

    private void step5() {
        int last = word.length() - 1;
        if (endsWith("e")) {
            if (last >= r2 || (last >= r1 && !endsInShortSyllable(last))) {
                cut(1);
            }
        } else if (endsWith("ll") && last >= r2) {
            cut(1);
        }
    }
}
