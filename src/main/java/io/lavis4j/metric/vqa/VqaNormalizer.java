package io.lavis4j.metric.vqa;

import io.lavis4j.metric.WhiteSpace;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.regex.Pattern;

/**
 * The answers' normalisation in the VQA evaluation (Antol et al., arXiv:1505.00468), as it is computed, which is not
 * always as it was meant: published accuracies depend on it.
 */
final class VqaNormalizer {

    private static final String PUNCTUATION = ";/[]\"{}()=+\\_-><@`,?!";
    private static final Pattern COMMA_IN_NUMBER = Pattern.compile("\\d,\\d", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern DIGIT = Pattern.compile("\\d", Pattern.UNICODE_CHARACTER_CLASS);

    /** Further full stops stay. */
    private static final int FULL_STOPS = 32;

    private static final Set<String> ARTICLES = Set.of("a", "an", "the");
    private static final Map<String, String> NUMBERS = Map.ofEntries(
            Map.entry("none", "0"),
            Map.entry("zero", "0"),
            Map.entry("one", "1"),
            Map.entry("two", "2"),
            Map.entry("three", "3"),
            Map.entry("four", "4"),
            Map.entry("five", "5"),
            Map.entry("six", "6"),
            Map.entry("seven", "7"),
            Map.entry("eight", "8"),
            Map.entry("nine", "9"),
            Map.entry("ten", "10"));

    /** Contractions that are recognised when one of their apostrophes is left out. */
    private static final String CONTRACTIONS = "ain't aren't can't could've couldn't couldn't've didn't doesn't don't"
            + " hadn't hadn't've hasn't haven't he'd he'd've he's how'd how'll how's isn't it'd it'd've it'll ma'am"
            + " mightn't mightn't've might've mustn't must've needn't not've o'clock oughtn't 'ow's'at shan't she'd've"
            + " should've shouldn't shouldn't've somebody'd've somebody'll somebody's someone'd someone'd've someone'll"
            + " someone's something'd something'd've something'll that's there'd there'd've there're there's they'd"
            + " they'd've they'll they're they've 'twas wasn't we'd've we've weren't what'll what're what's what've"
            + " when's where'd where's where've who'd who'd've who'll who's who've why'll why're why's won't would've"
            + " wouldn't wouldn't've y'all y'all'll y'all'd've you'd you'd've you'll you're you've";

    private static final Map<String, String> WORDS = words();

    private VqaNormalizer() {}

    private static Map<String, String> words() {
        var words = new HashMap<String, String>();
        for (String whole : CONTRACTIONS.split(" ", -1)) {
            for (int i = whole.indexOf('\''); i >= 0; i = whole.indexOf('\'', i + 1)) {
                words.put(whole.substring(0, i) + whole.substring(i + 1), whole);
            }
        }
        words.put("somebody'd", "somebodyd"); // the wrong way round in the published table
        return Map.copyOf(words);
    }

    /** The form in which a prediction is compared. */
    static String prediction(String text) {
        return both(strip(text.replace('\n', ' ').replace('\t', ' ')));
    }

    /** Both steps. */
    static String both(String text) {
        return numbersAndArticles(punctuation(text));
    }

    /**
     * Deletes a punctuation mark where the text has it next to a blank somewhere, or a comma between digits; else turns
     * it into a blank. Deletes the first 32 full stops that no digit follows.
     */
    static String punctuation(String text) {
        boolean number = COMMA_IN_NUMBER.matcher(text).find();
        String marked = text;
        for (int i = 0; i < PUNCTUATION.length(); i++) {
            String mark = PUNCTUATION.substring(i, i + 1);
            boolean deleted = number || text.contains(mark + " ") || text.contains(" " + mark);
            marked = marked.replace(mark, deleted ? "" : " ");
        }
        var kept = new StringBuilder();
        int stops = 0;
        for (int i = 0; i < marked.length(); i++) {
            boolean stop = marked.charAt(i) == '.' && stops < FULL_STOPS && !isDigit(marked, i + 1);
            stops += stop ? 1 : 0;
            if (!stop) {
                kept.append(marked.charAt(i));
            }
        }
        return kept.toString();
    }

    private static boolean isDigit(String text, int index) {
        return index < text.length()
                && DIGIT.matcher(Character.toString(text.codePointAt(index))).matches();
    }

    /** Lower case, number words as digits, no articles, apostrophes of contractions. */
    static String numbersAndArticles(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        var kept = new StringJoiner(" ");
        for (int from = WhiteSpace.skip(lower, 0); from < lower.length(); ) {
            int to = WhiteSpace.find(lower, from);
            String word = lower.substring(from, to);
            word = NUMBERS.getOrDefault(word, word);
            if (!ARTICLES.contains(word)) {
                kept.add(WORDS.getOrDefault(word, word));
            }
            from = WhiteSpace.skip(lower, to);
        }
        return kept.toString();
    }

    private static String strip(String text) {
        int from = WhiteSpace.skip(text, 0);
        int to = text.length();
        while (to > from && WhiteSpace.is(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(from, to);
    }
}
