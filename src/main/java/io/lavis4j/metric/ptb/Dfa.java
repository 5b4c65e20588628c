package io.lavis4j.metric.ptb;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the rule with the longest match, the first of several, in one step per character.
 *
 * <p>The subset construction over classes of characters that no rule tells apart, made as far as texts ask for it: most
 * states are never reached. Thread-safe: steps are added under a lock, and what a state is made of is final.
 */
final class Dfa {

    /** Characters of the longest match that is looked for, so that time grows with the text's length only. */
    private static final int LONGEST = 4096;

    private final Nfa nfa;
    private final byte[] classes; // by character
    private final char[] examples; // a character of each class
    private final @Nullable BitSet[] closures; // by state of the nondeterministic automaton
    private final Map<BitSet, State> states = new HashMap<>();
    private final State start;
    private final State dead; // nothing can match any more

    /** A state with the steps from it that have been taken before. */
    private static final class State {

        private final BitSet subset;
        private final int rule; // that matches, or -1
        private final @Nullable State[] next; // by class

        State(BitSet subset, int rule, int classes) {
            this.subset = subset;
            this.rule = rule;
            next = new @Nullable State[classes];
        }
    }

    Dfa(Nfa nfa) {
        this.nfa = nfa;
        classes = new byte[Character.MAX_VALUE + 1];
        examples = classify(nfa.sets(), classes);
        closures = new @Nullable BitSet[nfa.states()];
        dead = state(new BitSet());
        start = state(closure(nfa.start()));
    }

    /**
     * The longest match at {@code from}; {@link #rule} and {@link #end} take it apart.
     *
     * @throws IllegalStateException if no rule matches
     */
    long longest(String text, int from) {
        var state = start;
        int rule = -1;
        int end = from;
        int last = Math.min(text.length(), from + LONGEST);
        for (int i = from; i < last && state != dead; i++) {
            int c = classes[text.charAt(i)] & 0xFF;
            var next = state.next[c];
            state = next == null ? step(state, c) : next;
            if (state.rule >= 0) {
                rule = state.rule;
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

    /** The end of a match. */
    static int end(long match) {
        return (int) (match >>> 32);
    }

    /**
     * Numbers the classes of characters that the same sets contain.
     *
     * @param classes gets the class of each character
     * @return a character of each class
     */
    private static char[] classify(List<BitSet> sets, byte[] classes) {
        var borders = new BitSet();
        for (var set : sets) {
            for (int from = set.nextSetBit(0); from >= 0; ) {
                int to = set.nextClearBit(from);
                borders.set(from);
                borders.set(to);
                from = set.nextSetBit(to);
            }
        }
        borders.set(classes.length);
        var numbers = new HashMap<BitSet, Integer>();
        var examples = new char[256];
        for (int from = 0; from < classes.length; ) {
            int to = borders.nextSetBit(from + 1);
            var signature = new BitSet();
            for (int i = 0; i < sets.size(); i++) {
                signature.set(i, sets.get(i).get(from));
            }
            int known = numbers.size();
            int number = numbers.computeIfAbsent(signature, added -> known);
            if (number == examples.length) {
                throw new IllegalStateException("more than 256 classes of characters; simplify the rules");
            }
            examples[number] = (char) from;
            Arrays.fill(classes, from, to, (byte) number);
            from = to;
        }
        return Arrays.copyOf(examples, numbers.size());
    }

    /** Takes a step for the first time. */
    private synchronized State step(State from, int c) {
        char character = examples[c];
        var subset = new BitSet();
        for (int state = from.subset.nextSetBit(0); state >= 0; state = from.subset.nextSetBit(state + 1)) {
            for (var edge : nfa.edges(state)) {
                if (edge.set() != Nfa.EMPTY && nfa.sets().get(edge.set()).get(character)) {
                    subset.or(closure(edge.target()));
                }
            }
        }
        var next = state(subset);
        from.next[c] = next;
        return next;
    }

    private State state(BitSet subset) {
        var known = states.get(subset);
        if (known != null) {
            return known;
        }
        int rule = subset.stream().map(nfa::rule).filter(r -> r >= 0).min().orElse(-1);
        var state = new State(subset, rule, examples.length);
        states.put(subset, state);
        return state;
    }

    /** The states reached from one without a character that matter: they take a character or match. */
    private BitSet closure(int state) {
        var known = closures[state];
        if (known != null) {
            return known;
        }
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
        return useful;
    }
}
