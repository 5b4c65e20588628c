package io.lavis4j.dataset.shard;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * File names in short, as a shell writes them: {@code {00000..00115}.tar} and {@code part{a,b}/x.tar}, one in the other
 * too. A number is as wide as the wider of a range whose ends begin with 0.
 */
final class ShardPattern {

    private static final Pattern RANGE = Pattern.compile("(\\d{1,9})\\.\\.(\\d{1,9})");
    private static final int MAX_SHARDS = 1_000_000;

    private ShardPattern() {}

    /**
     * The names in the order of the pattern, the last part changing fastest.
     *
     * @throws IllegalArgumentException if there are too many, or a brace is not closed
     */
    static List<String> expand(String pattern) {
        int open = pattern.indexOf('{');
        if (open < 0) {
            return List.of(pattern);
        }
        int close = closing(pattern, open);
        var rests = expand(pattern.substring(close + 1));
        var names = new ArrayList<String>();
        for (String alternative : alternatives(pattern.substring(open + 1, close))) {
            for (String rest : rests) {
                names.add(pattern.substring(0, open) + alternative + rest);
                if (names.size() > MAX_SHARDS) {
                    throw new IllegalArgumentException(
                            "\"%s\" stands for more than %d files".formatted(pattern, MAX_SHARDS));
                }
            }
        }
        return names;
    }

    private static int closing(String pattern, int open) {
        int depth = 0;
        for (int i = open; i < pattern.length(); i++) {
            depth += pattern.charAt(i) == '{' ? 1 : pattern.charAt(i) == '}' ? -1 : 0;
            if (depth == 0) {
                return i;
            }
        }
        throw new IllegalArgumentException(
                "\"%s\" has a { without its }, expected {00000..00115} or {a,b}".formatted(pattern));
    }

    private static List<String> alternatives(String inside) {
        var range = RANGE.matcher(inside);
        if (range.matches()) {
            return numbers(range.group(1), range.group(2));
        }
        var found = new ArrayList<String>();
        int depth = 0, start = 0;
        for (int i = 0; i <= inside.length(); i++) {
            char c = i == inside.length() ? ',' : inside.charAt(i);
            depth += c == '{' ? 1 : c == '}' ? -1 : 0;
            if (c == ',' && depth == 0) {
                found.addAll(expand(inside.substring(start, i)));
                start = i + 1;
            }
        }
        return found;
    }

    private static List<String> numbers(String from, String to) {
        boolean padded = Stream.of(from, to).anyMatch(end -> end.startsWith("0") && end.length() > 1);
        int width = padded ? Math.max(from.length(), to.length()) : 1;
        int first = Integer.parseInt(from), last = Integer.parseInt(to), step = first <= last ? 1 : -1;
        if (Math.abs(last - first) > MAX_SHARDS) {
            throw new IllegalArgumentException(
                    "{%s..%s} stands for more than %d files".formatted(from, to, MAX_SHARDS));
        }
        var numbers = new ArrayList<String>();
        for (int i = first; i != last + step; i += step) {
            numbers.add(("%0" + width + "d").formatted(i));
        }
        return numbers;
    }
}
