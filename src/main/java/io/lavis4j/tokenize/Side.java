package io.lavis4j.tokenize;

/** The end of a sequence at which padding is put or tokens are dropped. */
public enum Side {
    /** The beginning of the text. */
    LEFT,
    /** The end of the text. */
    RIGHT
}
