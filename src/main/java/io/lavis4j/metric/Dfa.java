package io.lavis4j.metric;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Finds the rule with the longest match, the first of several, in one table look-up per character.
 *
 * <p>The subset construction over classes of characters that no rule tells apart. State 0 is where nothing can match
 * any more.
 */
final class Dfa {

    private static final int DEAD = 0;

    /** Characters of the longest match that is looked for, so that time grows with the text's length only. */
    private static final int LONGEST = 4096;

    private final byte[] classes; // by character
    private final int width; // classes
    private final char[] next; // (states, classes)
    private final short[] rules; // by state, -1 where no rule matches
    private final int start;

    Dfa(Nfa nfa) {
        var signatures = signatures(nfa.sets());
        var distinct = new ArrayList<BitSet>();
        classes = new byte[Character.MAX_VALUE + 1];
        var numbers = new HashMap<BitSet, Integer>();
        for (int c = 0; c < classes.length; c++) {
            classes[c] = (byte) (int) numbers.computeIfAbsent(signatures.get(c), signature -> {
                distinct.add(signature);
                return distinct.size() - 1;
            });
        }
        width = distinct.size();
        if (width > 256) {
            throw new IllegalStateException("%d classes of characters, at most 256 fit".formatted(width));
        }
        var construction = new Construction(nfa, distinct);
        start = construction.run();
        next = construction.next;
        rules = construction.rules;
    }

    int states() {
        return rules.length;
    }

    /**
     * The longest match at {@code from}; {@link #rule} and {@link #end} take it apart.
     *
     * @throws IllegalStateException if no rule matches
     */
    long longest(String text, int from) {
        int state = start;
        int rule = -1;
        int end = from;
        int last = Math.min(text.length(), from + LONGEST);
        for (int i = from; i < last && state != DEAD; i++) {
            state = next[state * width + (classes[text.charAt(i)] & 0xFF)];
            if (rules[state] >= 0) {
                rule = rules[state];
                end = i + 1;
            }
        }
        if (rule < 0) {
            throw new IllegalStateException("no rule matches %s".formatted(text.substring(from)));
        }
        return ((long) end << 32) | rule;
    }

    /** The rule of a match, the first of several that match as much. */
    static int rule(long match) {
        return (int) match;
    }

    /** Where a match ends. */
    static int end(long match) {
        return (int) (match >>> 32);
    }

    /** For each character the sets that it is in; the same object for neighbours that are in the same ones. */
    private static List<BitSet> signatures(List<BitSet> sets) {
        var borders = new BitSet();
        for (var set : sets) {
            for (int from = set.nextSetBit(0); from >= 0; ) {
                int to = set.nextClearBit(from);
                borders.set(from);
                borders.set(to);
                from = set.nextSetBit(to);
            }
        }
        var signatures = new ArrayList<BitSet>(Character.MAX_VALUE + 1);
        var current = new BitSet();
        for (int c = 0; c <= Character.MAX_VALUE; c++) {
            if (c == 0 || borders.get(c)) {
                current = new BitSet();
                for (int i = 0; i < sets.size(); i++) {
                    current.set(i, sets.get(i).get(c));
                }
            }
            signatures.add(current);
        }
        return signatures;
    }

    private static final class Construction {

        private final Nfa nfa;
        private final int[][] classesOf; // by set of characters
        private final Map<BitSet, Integer> numbers = new HashMap<>();
        private final ArrayDeque<BitSet> open = new ArrayDeque<>();
        private final BitSet[] closures;
        private final int width;
        private char[] next = new char[0];
        private short[] rules = new short[0];

        Construction(Nfa nfa, List<BitSet> classes) {
            this.nfa = nfa;
            width = classes.size();
            classesOf = new int[nfa.sets().size()][];
            for (int set = 0; set < classesOf.length; set++) {
                int number = set;
                classesOf[set] = IntStream.range(0, width)
                        .filter(c -> classes.get(c).get(number))
                        .toArray();
            }
            closures = new BitSet[nfa.states()];
        }

        int run() {
            number(new BitSet());
            var first = new BitSet();
            first.or(closure(nfa.start()));
            int start = number(first);
            while (!open.isEmpty()) {
                var subset = open.remove();
                expand(subset, numbers.getOrDefault(subset, DEAD));
            }
            next = Arrays.copyOf(next, numbers.size() * width);
            rules = Arrays.copyOf(rules, numbers.size());
            return start;
        }

        private int number(BitSet subset) {
            var known = numbers.get(subset);
            if (known != null) {
                return known;
            }
            int number = numbers.size();
            if (number > Character.MAX_VALUE) {
                throw new IllegalStateException("more than 65536 states; simplify the rules");
            }
            numbers.put(subset, number);
            open.add(subset);
            if (number == rules.length) {
                rules = Arrays.copyOf(rules, 2 * number + 64);
                next = Arrays.copyOf(next, rules.length * width);
            }
            rules[number] = (short) subset.stream()
                    .map(nfa::rule)
                    .filter(rule -> rule >= 0)
                    .min()
                    .orElse(-1);
            return number;
        }

        private void expand(BitSet subset, int number) {
            var reached = new BitSet[width]; // states before closure
            for (int state = subset.nextSetBit(0); state >= 0; state = subset.nextSetBit(state + 1)) {
                for (var edge : nfa.edges(state)) {
                    if (edge.set() != Nfa.EMPTY) {
                        for (int c : classesOf[edge.set()]) {
                            reached[c] = reached[c] == null ? new BitSet() : reached[c];
                            reached[c].set(edge.target());
                        }
                    }
                }
            }
            var known = new HashMap<BitSet, Integer>();
            for (int c = 0; c < width; c++) {
                int target = reached[c] == null ? DEAD : known.computeIfAbsent(reached[c], this::closed);
                next[number * width + c] = (char) target;
            }
        }

        /** The number of the subset that is reached with those states. */
        private int closed(BitSet states) {
            var subset = new BitSet(nfa.states());
            states.stream().forEach(state -> subset.or(closure(state)));
            return number(subset);
        }

        /** The states reached from one without a character that matter: they take a character or match. */
        private BitSet closure(int state) {
            if (closures[state] == null) {
                var seen = new BitSet();
                var useful = new BitSet();
                var todo = new ArrayDeque<Integer>();
                seen.set(state);
                todo.add(state);
                while (!todo.isEmpty()) {
                    int from = todo.remove();
                    useful.set(from, nfa.rule(from) >= 0);
                    for (var edge : nfa.edges(from)) {
                        if (edge.set() != Nfa.EMPTY) {
                            useful.set(from);
                        } else if (!seen.get(edge.target())) {
                            seen.set(edge.target());
                            todo.add(edge.target());
                        }
                    }
                }
                closures[state] = useful;
            }
            return closures[state];
        }
    }
}
