package io.lavis4j.metric.ptb;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Tokens of the Penn Treebank, as the COCO caption evaluation makes them with Stanford CoreNLP 3.4.1: lower-cased,
 * brackets by name, quotes as in LaTeX.
 *
 * <p>Two things differ, as the reference reads all captions as one text with a line each. A line break inside a caption
 * counts as a blank; there it moves the captions that follow to wrong images. And captions do not depend on each other:
 * each is read as if the next one began with a small letter, which decides about a full stop at its end. Thread-safe.
 */
public final class PtbTokenizer {

    /** Dropped by the evaluation. The names of brackets are not: it looks for capitals, after lower-casing. */
    private static final Set<String> PUNCTUATION =
            Set.of("''", "'", "``", "`", ".", "?", "!", ",", ":", "-", "--", "...", ";");

    /** Words of letters only that are two tokens. */
    private static final Set<String> SPLIT_WORDS = Set.of("cannot", "gonna", "gotta", "wanna", "gimme", "lemme");

    private static final List<PtbRule> RULES = PtbRules.rules();

    private static final Dfa AUTOMATON = automaton("@");

    /** Apart, because looking for addresses means to read up to the next blank at every token. */
    private static final class WithAddresses {

        static final Dfa AUTOMATON = automaton("");
    }

    /** The automaton of the rules, without those that need a character. */
    private static Dfa automaton(String without) {
        var nfa = new Nfa(PtbCharacters.sets(), PtbRules.names());
        for (int i = 0; i < RULES.size(); i++) {
            if (without.isEmpty() || !RULES.get(i).needs().equals(without)) {
                nfa.add(i, RULES.get(i).whole(), RULES.get(i).ignoreCase());
            }
        }
        return new Dfa(nfa);
    }

    /**
     * The tokens without punctuation, joined by one blank. A token can hold no-break spaces; those at the very end are
     * left out, as by the evaluation.
     */
    public String tokenize(String caption) {
        var joined = new StringBuilder(caption.length() + 16);
        var tokens = tokens(caption);
        for (int i = 0; i < tokens.size(); i++) {
            var token = i + 1 < tokens.size() ? tokens.get(i) : withoutBlanksAtEnd(tokens.get(i));
            if (!isPunctuation(token)) {
                if (joined.length() > 0) {
                    joined.append(' ');
                }
                joined.append(token);
            }
        }
        return joined.toString();
    }

    /** All tokens, punctuation included. */
    public List<String> tokens(String caption) {
        var tokens = new ArrayList<String>();
        scan(caption, tokens);
        return tokens;
    }

    /** A token without what is white space for Python at its end. */
    private static String withoutBlanksAtEnd(String token) {
        int end = token.length();
        while (end > 0 && PtbRule.isBlank(token.charAt(end - 1))) {
            end--;
        }
        return token.substring(0, end);
    }

    private static boolean isPunctuation(String token) {
        return token.length() <= 3 && !Character.isLetterOrDigit(token.charAt(0)) && PUNCTUATION.contains(token);
    }

    private static void scan(String caption, List<String> tokens) {
        // the reference sees the caption's line break and the next caption
        var text = caption.replace('\n', ' ') + "\nz";
        int length = caption.length();
        var automaton = caption.indexOf('@') < 0 ? AUTOMATON : WithAddresses.AUTOMATON;
        for (int from = 0; from < length; ) {
            if (text.charAt(from) == ' ' && text.charAt(from + 1) < 0x80) {
                from++;
                continue;
            }
            int plain = plainWord(text, from);
            if (plain > from) {
                tokens.add(text.substring(from, plain).toLowerCase(Locale.ROOT));
                from = plain;
                continue;
            }
            long match = automaton.longest(text, from);
            var rule = RULES.get(Dfa.rule(match));
            int end = Math.min(length, rule.tokenEnd(text, from, Dfa.end(match)));
            var token = PtbForms.write(rule.form(), text, from, end);
            if (!token.isEmpty()) {
                tokens.add(token.toLowerCase(Locale.ROOT));
            }
            from = rule.end() == PtbRule.FULL_STOP_AGAIN ? end - 1 : end;
        }
    }

    /** The end of a word of ASCII letters before a blank, which is one token, or {@code from}. A short cut only. */
    private static int plainWord(String text, int from) {
        int to = from;
        while (isAsciiLetter(text.charAt(to))) {
            to++;
        }
        if (text.charAt(to) != ' ') {
            return from;
        }
        boolean maybeSplit = to - from == 5 || to - from == 6;
        return maybeSplit && SPLIT_WORDS.contains(text.substring(from, to).toLowerCase(Locale.ROOT)) ? from : to;
    }

    private static boolean isAsciiLetter(char c) {
        char lower = (char) (c | 0x20);
        return lower >= 'a' && lower <= 'z';
    }
}
