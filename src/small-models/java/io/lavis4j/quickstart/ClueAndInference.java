package io.lavis4j.quickstart;

/**
 * A sentence to learn and what it follows from.
 *
 * @param clue at most {@link ClueLessons#PREFIX} words
 * @param inference in lower case, as {@code blip_caption} makes it
 */
record ClueAndInference(String clue, String inference) {}
