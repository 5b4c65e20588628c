package io.lavis4j.metric.meteor;

/**
 * Words of the reference that match words of the hypothesis.
 *
 * @param start first word in the reference
 * @param length words in the reference
 * @param hypothesisStart first word in the hypothesis
 * @param hypothesisLength words in the hypothesis
 */
record MeteorMatch(MeteorModule module, int start, int length, int hypothesisStart, int hypothesisLength) {

    /** Whether it continues {@code last} on both sides. */
    boolean continues(MeteorMatch last) {
        return start == last.start + last.length && hypothesisStart == last.hypothesisStart + last.hypothesisLength;
    }
}
