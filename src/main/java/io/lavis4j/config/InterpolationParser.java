package io.lavis4j.config;

import io.lavis4j.config.Expression.Call;
import io.lavis4j.config.Expression.Constant;
import io.lavis4j.config.Expression.Entries;
import io.lavis4j.config.Expression.Entry;
import io.lavis4j.config.Expression.Items;
import io.lavis4j.config.Expression.Joined;
import io.lavis4j.config.Expression.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The grammar of OmegaConf's interpolations.
 *
 * <pre>
 * reference   ${ dots key.key[key] }
 * call        ${ resolver : value , value }
 * value       'text' | "text" | [value, value] | {key: value} | words without quotes, which may be a number
 * </pre>
 *
 * <p>A key, and a part of any text, may be an interpolation itself. Before {@code ${...}}, or a quote inside its kind,
 * an odd number of backslashes takes its meaning away; of every two of them one stays.
 */
final class InterpolationParser {

    private static final int MAX_DEPTH = 100;
    private static final String BEGIN = "${";
    private static final String NOT_IN_KEYS = "\\{}()[]:. \t'\"";
    private static final String ESCAPABLE = "\\()[]{}:=, \t";
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_/\\-\\\\+.$%*@?|: \\t]");
    private static final String DIGITS = "(?:0|[1-9](?:_?[0-9])*+)";
    private static final String FRACTION = "\\.[0-9](?:_?[0-9])*+";
    private static final Pattern INTEGER = Pattern.compile("[-+]?" + DIGITS);
    private static final Pattern NUMBER = Pattern.compile(
            "[-+]?(?:%1$s\\.|%1$s?%2$s|(?:%1$s\\.?|%1$s?%2$s)[eE][-+]?[0-9](?:_?[0-9])*+)".formatted(DIGITS, FRACTION));

    private final String text;
    private int at;
    private int depth;

    InterpolationParser(String text) {
        this.text = text;
    }

    /** The whole text, in which interpolations stand. */
    Expression text() {
        return text(null);
    }

    /** The whole text as one value of an argument: what {@code oc.decode} reads. */
    Expression value() {
        if (text.isEmpty()) {
            throw expected("a value");
        }
        var value = value(",]}", false);
        if (at < text.length()) {
            throw expected("the end");
        }
        return value;
    }

    /** The keys of a whole text, as {@code .model.arch}. */
    Reference reference() {
        var reference = keys();
        if (at < text.length()) {
            throw expected("the end of the key");
        }
        return reference;
    }

    /** Text up to a quote, or to the end where there is none. */
    private Expression text(@Nullable Character quote) {
        var parts = new Parts();
        while (at < text.length()) {
            int slashes = 0;
            while (at + slashes < text.length() && text.charAt(at + slashes) == '\\') {
                slashes++;
            }
            int next = at + slashes;
            boolean interpolation = text.startsWith(BEGIN, next);
            boolean ends = quote != null && next < text.length() && text.charAt(next) == quote;
            boolean special = interpolation || ends;
            parts.add("\\".repeat(special ? slashes / 2 : slashes));
            at = next;
            if (special && slashes % 2 == 1) {
                parts.add(interpolation ? BEGIN : String.valueOf(quote));
                at += interpolation ? BEGIN.length() : 1;
            } else if (interpolation) {
                parts.add(interpolation());
            } else if (ends) {
                at++;
                return parts.joined();
            } else if (at < text.length()) {
                parts.add(text.substring(at, ++at));
            }
        }
        if (quote != null) {
            throw expected("a closing " + quote);
        }
        return parts.joined();
    }

    private Expression interpolation() {
        enter();
        at += BEGIN.length();
        skipBlanks();
        int start = at;
        var reference = keys();
        String name = text.substring(start, at);
        skipBlanks();
        Expression result = reference;
        if (next(':')) {
            if (!name.matches("[A-Za-z_]\\w*(?:\\.[A-Za-z_]\\w*)*+")) {
                throw expected("a key without \":\", or the name of a resolver before it");
            }
            at++;
            result = new Call(name, values('}', false));
        }
        take('}');
        depth--;
        return result;
    }

    private Reference keys() {
        int levels = 0;
        while (next('.')) {
            levels++;
            at++;
        }
        var keys = new ArrayList<Expression>();
        keys.add(next('[') ? bracketed() : key());
        while (next('.') || next('[')) {
            if (next('[')) {
                keys.add(bracketed());
            } else {
                at++;
                keys.add(key());
            }
        }
        return new Reference(levels, keys);
    }

    private Expression bracketed() {
        take('[');
        var key = key();
        take(']');
        return key;
    }

    private Expression key() {
        if (text.startsWith(BEGIN, at)) {
            return interpolation();
        }
        int start = at;
        while (at < text.length() && NOT_IN_KEYS.indexOf(text.charAt(at)) < 0) {
            at++;
        }
        if (at == start) {
            throw expected("a key");
        }
        return new Constant(text.substring(start, at));
    }

    /** Values between commas; the closing bracket is left. */
    private List<Expression> values(char closing, boolean bracketed) {
        var values = new ArrayList<Expression>();
        skipBlanks();
        if (next(closing)) {
            return values;
        }
        String ends = bracketed ? ",]" : ",}";
        values.add(value(ends, true));
        while (next(',')) {
            at++;
            values.add(value(ends, true));
        }
        return values;
    }

    private Expression value(String ends, boolean trimmed) {
        int start = at;
        skipBlanks();
        if (!trimmed && at > start && !next('[') && !next('{')) {
            at = start;
        }
        if (next('\'') || next('"')) {
            var quoted = text(text.charAt(at++));
            skipBlanks();
            return quoted instanceof Constant ? quoted : new Joined(List.of(quoted)); // a text, whatever is in it
        }
        if (next('[') || next('{')) {
            enter();
            boolean list = next('[');
            at++;
            var collection = list ? new Items(values(']', true)) : entries();
            take(list ? ']' : '}');
            skipBlanks();
            depth--;
            return collection;
        }
        return words(ends, trimmed);
    }

    private Entries entries() {
        var entries = new ArrayList<Entry>();
        skipBlanks();
        while (!next('}')) {
            var key = words(":", true);
            if (!(key instanceof Constant constant) || constant.value() == null || "".equals(constant.value())) {
                throw expected("a key");
            }
            take(':');
            skipBlanks();
            if (next('}') || next(',')) {
                throw expected("a value");
            }
            entries.add(new Entry(String.valueOf(constant.value()), value(",}", true)));
            if (next(',')) {
                at++;
                skipBlanks();
                if (next('}')) {
                    throw expected("a key");
                }
            }
        }
        return new Entries(entries);
    }

    /** Words without quotes up to one of {@code ends}: a number, truth value or null if they are nothing else. */
    private Expression words(String ends, boolean trimmed) {
        var parts = new Parts();
        int start = at, kept = 0;
        boolean plain = true;
        while (at < text.length() && ends.indexOf(text.charAt(at)) < 0) {
            char c = text.charAt(at);
            if (text.startsWith(BEGIN, at)) {
                plain = false;
                parts.add(interpolation());
                kept = 0;
            } else if (c == '\\' && at + 1 < text.length() && ESCAPABLE.indexOf(text.charAt(at + 1)) >= 0) {
                plain = false;
                parts.add(text.substring(at + 1, at + 2));
                at += 2;
                kept = parts.tail();
            } else if (WORD.matcher(String.valueOf(c)).matches()) {
                parts.add(String.valueOf(c));
                at++;
                kept = isBlank(c) ? kept : parts.tail();
            } else {
                throw expected("a text in quotes where it has other characters than letters, digits and /-\\+.$%*@?|:");
            }
        }
        if (trimmed) {
            parts.cut(kept);
        }
        String words = text.substring(start, at);
        return plain ? new Constant(scalar(trimmed ? words.strip() : words)) : parts.joined();
    }

    /** What words without quotes mean; unlike in YAML, {@code yes} and {@code 010} are texts. */
    private static @Nullable Object scalar(String words) {
        if (INTEGER.matcher(words).matches()) {
            return YamlScalars.whole(words);
        }
        if (NUMBER.matcher(words).matches()) {
            return Double.parseDouble(words.replace("_", ""));
        }
        return switch (words.toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            case "null" -> null;
            case "inf", "+inf" -> Double.POSITIVE_INFINITY;
            case "-inf" -> Double.NEGATIVE_INFINITY;
            case "nan", "+nan", "-nan" -> Double.NaN;
            default -> words;
        };
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    private void skipBlanks() {
        while (at < text.length() && isBlank(text.charAt(at))) {
            at++;
        }
    }

    private boolean next(char c) {
        return at < text.length() && text.charAt(at) == c;
    }

    private void take(char c) {
        if (!next(c)) {
            throw expected("\"" + c + "\"");
        }
        at++;
    }

    private void enter() {
        if (++depth > MAX_DEPTH) {
            throw new IllegalArgumentException("interpolations nest more than %d levels deep".formatted(MAX_DEPTH));
        }
    }

    private IllegalArgumentException expected(String what) {
        return new IllegalArgumentException(
                "%s is not an interpolation: expected %s %s; a \"${\" that is text is \"\\${\""
                        .formatted(
                                Tree.shown(text),
                                what,
                                at >= text.length() ? "at its end" : "before " + Tree.shown(text.substring(at))));
    }

    /** A text in the making. */
    private static final class Parts {

        private final List<Expression> parts = new ArrayList<>();
        private final StringBuilder tail = new StringBuilder();

        void add(String more) {
            tail.append(more);
        }

        void add(Expression interpolation) {
            flush();
            parts.add(interpolation);
        }

        /** Length of the text since the last interpolation. */
        int tail() {
            return tail.length();
        }

        void cut(int length) {
            tail.setLength(length);
        }

        Expression joined() {
            flush();
            return parts.size() == 1 ? parts.get(0) : parts.isEmpty() ? new Constant("") : new Joined(parts);
        }

        private void flush() {
            if (!tail.isEmpty()) {
                parts.add(new Constant(tail.toString()));
                tail.setLength(0);
            }
        }
    }
}
