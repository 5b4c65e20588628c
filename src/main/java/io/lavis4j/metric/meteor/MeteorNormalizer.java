package io.lavis4j.metric.meteor;

import io.lavis4j.metric.WhiteSpace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringTokenizer;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * METEOR's own splitting of text into words, which follows that of Moses, written from its observed behaviour: signs
 * stand alone, hyphens between letters become blanks, {@code it's} becomes {@code it 's}, {@code u.s.} becomes
 * {@code us}, the full stop of a sentence is a word.
 */
final class MeteorNormalizer {

    /** A prefix that is followed by a full stop within a sentence: always, or before numbers. */
    enum Prefix {
        ALWAYS,
        BEFORE_NUMBERS
    }

    private static final String LETTERS =
            "A-Za-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u017E\u0400-\u0527\u1D00-\u1D7F\uA640-\uA66E\uA67E-\uA697";

    private static final Pattern LETTER = Pattern.compile("[%s]".formatted(LETTERS));
    private static final Pattern QUOTE = Pattern.compile("[`‘’]");
    private static final Pattern QUOTES = Pattern.compile("''|[“”]");
    private static final Pattern INNER_HYPHEN = Pattern.compile("([%1$s0-9])-([%1$s0-9])".formatted(LETTERS));
    private static final Pattern SIGN = Pattern.compile("[^%s0-9\\s.',\\-]".formatted(LETTERS));
    private static final Pattern DOTS = Pattern.compile("\\.{2,}");
    private static final Pattern COMMA = Pattern.compile("(?<![0-9]),|,(?![0-9])");
    private static final Pattern CLITIC = Pattern.compile("([%1$s])'([%1$s])|([0-9])'s|(')".formatted(LETTERS));

    private final Map<String, Prefix> prefixes;

    MeteorNormalizer(Map<String, Prefix> prefixes) {
        this.prefixes = Map.copyOf(prefixes);
    }

    /** Lower-case words. */
    List<String> words(String text) {
        if (hasOnly(text, " ")) {
            return split(text);
        }
        var s = replace(text, "`‘’", QUOTE, "'");
        s = replace(s, "'“”", QUOTES, "\"");
        s = s.replace("–", " - ").replace("--", "-");
        s = replace(s, "-", INNER_HYPHEN, "$1 $2");
        s = hasOnly(s, " .',-") ? s : SIGN.matcher(s).replaceAll(" $0 ");
        s = replace(s, ".", DOTS, " $0 ");
        s = replace(s, ",", COMMA, " , ");
        if (s.indexOf('\'') >= 0) {
            s = CLITIC.matcher(s).replaceAll(MeteorNormalizer::clitic);
        }
        var split = split(s);
        var words = new ArrayList<String>(split.size());
        for (int i = 0; i < split.size(); i++) {
            endOfWord(split.get(i), i + 1 < split.size() ? split.get(i + 1) : "", words);
        }
        words.replaceAll(word -> word.toLowerCase(Locale.ROOT));
        return words;
    }

    private static String clitic(MatchResult found) {
        if (found.group(1) != null) {
            return found.group(1) + " '" + found.group(2);
        }
        return found.group(3) != null ? found.group(3) + " 's" : " ' ";
    }

    /** Replaces a pattern that needs one of some characters. */
    private static String replace(String text, String needed, Pattern pattern, String replacement) {
        for (int i = 0; i < needed.length(); i++) {
            if (text.indexOf(needed.charAt(i)) >= 0) {
                return pattern.matcher(text).replaceAll(replacement);
            }
        }
        return text;
    }

    /** Whether all are small ASCII letters, digits, or others that are named. */
    private static boolean hasOnly(String text, String others) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && others.indexOf(c) < 0) {
                return false;
            }
        }
        return true;
    }

    private static List<String> split(String text) {
        var words = new ArrayList<String>();
        for (int from = WhiteSpace.skip(text, 0); from < text.length(); ) {
            int to = WhiteSpace.find(text, from);
            words.add(text.substring(from, to));
            from = WhiteSpace.skip(text, to);
        }
        return words;
    }

    /** Adds a word without the full stop at its end, unless that belongs to an abbreviation. */
    private void endOfWord(String word, String next, List<String> words) {
        int last = word.length() - 1;
        if (last < 1 || word.charAt(last) != '.' || word.charAt(last - 1) == '.') {
            words.add(word);
            return;
        }
        var stem = word.substring(0, last);
        char following = next.isEmpty() ? ' ' : next.charAt(0);
        if (stem.indexOf('.') >= 0 && LETTER.matcher(stem).find()) {
            words.add(stem.replace(".", ""));
        } else if (prefixes.get(stem) == Prefix.ALWAYS
                || (following >= 'a' && following <= 'z')
                || (prefixes.get(stem) == Prefix.BEFORE_NUMBERS && following >= '0' && following <= '9')) {
            words.add(word);
        } else {
            words.add(stem);
            words.add(".");
        }
    }

    /** Reads a list of prefixes, one a line, with {@code #} before comments and {@code #NUMERIC_ONLY#} after some. */
    static Map<String, Prefix> prefixes(List<String> lines) {
        var prefixes = new HashMap<String, Prefix>();
        for (var line : lines) {
            var parts = new StringTokenizer(line);
            if (parts.hasMoreTokens() && !line.startsWith("#")) {
                prefixes.put(
                        parts.nextToken(), line.contains("#NUMERIC_ONLY#") ? Prefix.BEFORE_NUMBERS : Prefix.ALWAYS);
            }
        }
        return prefixes;
    }
}
