package io.lavis4j.cli;

import io.lavis4j.runner.LogListener;
import io.lavis4j.runner.RunListener;

/** How progress is shown. */
final class Terminal {

    private Terminal() {}

    /** A bar on a terminal, plain lines in a file or pipe. */
    static RunListener listener(int logFreq) {
        return System.console() == null ? new LogListener(logFreq) : new ProgressBarListener(System.err);
    }
}
