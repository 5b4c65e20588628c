package io.lavis4j.cli;

import io.lavis4j.distributed.Processes;
import io.lavis4j.task.LogListener;
import io.lavis4j.task.RunListener;
import picocli.CommandLine.Help.Ansi;

/** The display of progress. */
final class Terminal {

    private Terminal() {}

    /** The display of the first process; others show nothing. */
    static RunListener listener(Processes processes, int logFreq) {
        return processes.isFirst() ? listener(logFreq) : RunListener.silent();
    }

    /** A bar on a terminal, plain lines in a file or pipe. */
    static RunListener listener(int logFreq) {
        return Ansi.AUTO.enabled() ? new ProgressBarListener(System.err) : new LogListener(logFreq);
    }
}
