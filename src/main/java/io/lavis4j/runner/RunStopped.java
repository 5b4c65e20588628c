package io.lavis4j.runner;

/** Ends a run that was asked to stop; what it has done so far is on disk. */
public final class RunStopped extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient RunDirectory directory;

    RunStopped(RunDirectory directory) {
        super("the run in %s was asked to stop".formatted(directory.path().toAbsolutePath()));
        this.directory = directory;
    }

    /** The run, which {@link Resumption} finds again. */
    public RunDirectory directory() {
        return directory;
    }
}
