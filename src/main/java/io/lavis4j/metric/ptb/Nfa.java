package io.lavis4j.metric.ptb;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Nondeterministic automaton of many rules, each a regular expression.
 *
 * <p>Expressions have literals, {@code \} before a sign that is meant literally, sets {@code [a-z{NAME}]} and
 * {@code [^…]}, {@code [^]} for any character, groups, {@code |}, {@code ?}, {@code *}, {@code +}, {@code {m,n}},
 * {@code {=X}}, a letter of this very case, and {@code {NAME}}, which stands for a named expression.
 */
final class Nfa {

    /** Marks an edge that takes no character. */
    static final int EMPTY = -1;

    /** Letters beyond ASCII that are another case of one in it; the reference matches them outside of sets. */
    private static final String OTHER_CASES = "\u0130\u0131\u017F\u212A";

    /** An edge, taken by the characters of the set with number {@code set}. */
    record Edge(int set, int target) {}

    private record Part(int start, int end) {}

    private final Map<String, BitSet> namedSets;
    private final Map<String, String> named;
    private final List<BitSet> sets = new ArrayList<>();
    private final Map<BitSet, Integer> setNumbers = new HashMap<>();
    private final List<List<Edge>> edges = new ArrayList<>();
    private final List<Integer> rules = new ArrayList<>(); // rule that a state accepts, or -1
    private final int start;

    private String pattern = "";
    private int at;
    private boolean ignoreCase;

    /**
     * @param namedSets names of sets of characters, inside brackets or not
     * @param named names of expressions
     */
    Nfa(Map<String, BitSet> namedSets, Map<String, String> named) {
        this.namedSets = namedSets;
        this.named = named;
        start = state();
    }

    /** Adds a rule. */
    void add(int rule, String expression, boolean ignoreCase) {
        this.ignoreCase = ignoreCase;
        var part = parse(expression);
        edge(start, EMPTY, part.start);
        rules.set(part.end, rule);
    }

    int start() {
        return start;
    }

    int states() {
        return edges.size();
    }

    List<Edge> edges(int state) {
        return edges.get(state);
    }

    /** The rule accepted in a state, or -1. */
    int rule(int state) {
        return rules.get(state);
    }

    List<BitSet> sets() {
        return sets;
    }

    private int state() {
        edges.add(new ArrayList<>(2));
        rules.add(-1);
        return edges.size() - 1;
    }

    private void edge(int from, int set, int to) {
        edges.get(from).add(new Edge(set, to));
    }

    private Part parse(String expression) {
        var outer = pattern;
        int outerAt = at;
        pattern = expression;
        at = 0;
        var part = alternatives();
        if (at < pattern.length()) {
            throw new IllegalStateException("unexpected %s at %d of %s".formatted(pattern.charAt(at), at, pattern));
        }
        pattern = outer;
        at = outerAt;
        return part;
    }

    private boolean sees(char c) {
        return at < pattern.length() && pattern.charAt(at) == c;
    }

    private Part alternatives() {
        var first = sequence();
        if (!sees('|')) {
            return first;
        }
        var all = new Part(state(), state());
        edge(all.start, EMPTY, first.start);
        edge(first.end, EMPTY, all.end);
        while (sees('|')) {
            at++;
            var next = sequence();
            edge(all.start, EMPTY, next.start);
            edge(next.end, EMPTY, all.end);
        }
        return all;
    }

    private Part sequence() {
        int from = state();
        int to = from;
        while (at < pattern.length() && !sees('|') && !sees(')')) {
            var next = repeated();
            edge(to, EMPTY, next.start);
            to = next.end;
        }
        return new Part(from, to);
    }

    private Part repeated() {
        int before = at;
        var part = atom();
        int after = at;
        if (sees('?') || sees('*') || sees('+')) {
            return times(part, pattern.charAt(at++));
        }
        if (sees('{') && at + 1 < pattern.length() && Character.isDigit(pattern.charAt(at + 1))) {
            int close = pattern.indexOf('}', at);
            var bounds = pattern.substring(at + 1, close);
            int comma = bounds.indexOf(',');
            int most = Integer.parseInt(bounds.substring(comma + 1));
            int least = comma < 0 ? most : Integer.parseInt(bounds.substring(0, comma));
            int from = state();
            int to = from;
            var end = state();
            for (int i = 0; i < most; i++) {
                if (i >= least) {
                    edge(to, EMPTY, end);
                }
                at = before;
                var copy = atom();
                edge(to, EMPTY, copy.start);
                to = copy.end;
            }
            edge(to, EMPTY, end);
            at = close + 1;
            return new Part(from, end);
        }
        at = after;
        return part;
    }

    private Part times(Part part, char how) {
        var all = new Part(state(), state());
        edge(all.start, EMPTY, part.start);
        edge(part.end, EMPTY, all.end);
        if (how != '+') {
            edge(all.start, EMPTY, all.end);
        }
        if (how != '?') {
            edge(part.end, EMPTY, part.start);
        }
        return all;
    }

    private Part atom() {
        char c = pattern.charAt(at++);
        return switch (c) {
            case '(' -> {
                var part = alternatives();
                at++;
                yield part;
            }
            case '{' -> sees('=') ? exactly() : named();
            case '[' -> single(set());
            case '\\' -> single(one(pattern.charAt(at++)));
            default -> single(one(c));
        };
    }

    /** The letter in {@code {=X}}, whether or not case matters. */
    private Part exactly() {
        var set = new BitSet();
        set.set(pattern.charAt(at + 1));
        at += 3;
        return single(set);
    }

    private Part named() {
        var name = name();
        var set = namedSets.get(name);
        if (set != null) {
            return single(set);
        }
        var expression = named.get(name);
        if (expression == null) {
            throw new IllegalStateException("nothing is called %s in %s".formatted(name, pattern));
        }
        return parse(expression);
    }

    private String name() {
        int close = pattern.indexOf('}', at);
        var name = pattern.substring(at, close);
        at = close + 1;
        return name;
    }

    private Part single(BitSet set) {
        var part = new Part(state(), state());
        edge(part.start, number(set), part.end);
        return part;
    }

    private int number(BitSet set) {
        return setNumbers.computeIfAbsent(set, added -> {
            sets.add(added);
            return sets.size() - 1;
        });
    }

    private BitSet one(char c) {
        var set = new BitSet();
        include(set, c, c);
        if (ignoreCase) {
            OTHER_CASES
                    .chars()
                    .filter(other -> Character.toUpperCase(other) == Character.toUpperCase(c)
                            || Character.toLowerCase(other) == Character.toLowerCase(c))
                    .forEach(set::set);
        }
        return set;
    }

    private void include(BitSet set, char first, char last) {
        set.set(first, last + 1);
        if (ignoreCase) {
            for (char c = first; c <= last && c < 0x80; c++) {
                if (Character.isLetter(c)) {
                    set.set(c ^ 0x20);
                }
            }
        }
    }

    private BitSet set() {
        boolean complement = sees('^');
        at += complement ? 1 : 0;
        var set = new BitSet();
        while (!sees(']')) {
            char c = pattern.charAt(at++);
            if (c == '{' && Character.isUpperCase(pattern.charAt(at))) {
                set.or(Objects.requireNonNull(namedSets.get(name()), pattern));
                continue;
            }
            char first = c == '\\' ? pattern.charAt(at++) : c;
            char last = first;
            if (sees('-') && pattern.charAt(at + 1) != ']') {
                at++;
                last = pattern.charAt(at++);
            }
            include(set, first, last);
        }
        at++;
        if (complement) {
            set.flip(0, Character.MAX_VALUE + 1);
        }
        return set;
    }
}
