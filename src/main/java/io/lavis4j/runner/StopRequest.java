package io.lavis4j.runner;

/** The wish that a run end at its next safe point, with a checkpoint from which it can go on; made by any thread. */
public final class StopRequest {

    private volatile boolean made;

    /** Asks for it; it cannot be taken back. */
    public void make() {
        made = true;
    }

    /** Whether it was asked for. */
    public boolean isMade() {
        return made;
    }
}
