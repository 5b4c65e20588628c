package io.lavis4j.check;

/** How bad something is. */
public enum Level {
    /** The run fails. */
    ERROR,
    /** The run goes on, and what it does is hardly meant. */
    WARNING,
    /** To be known. */
    NOTE
}
