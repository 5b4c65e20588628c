package io.lavis4j.cli;

import java.io.IOException;
import java.io.OutputStream;

/** This process as one that {@code launch} has started. */
final class Launched {

    /** Set by {@code launch}: its process. */
    static final String VARIABLE = "LAVIS4J_LAUNCH";

    private Launched() {}

    /** Whether it is one. */
    static boolean isSo() {
        return System.getenv(VARIABLE) != null;
    }

    /**
     * Ends with the process that started this one, however that ends: its end of the pipe that is this process's
     * standard input is closed then.
     */
    static void endWithLaunch() {
        if (isSo()) {
            var watch = new Thread(Launched::awaitItsEnd, "watch over launch");
            watch.setDaemon(true);
            watch.start();
        }
    }

    private static void awaitItsEnd() {
        try {
            System.in.transferTo(OutputStream.nullOutputStream()); // nobody writes
        } catch (IOException e) {
            System.err.println("error: standard input cannot be read (" + e.getMessage() + ")");
        }
        System.err.println(
                "error: launch, process %s, has ended, and so does this one".formatted(System.getenv(VARIABLE)));
        Runtime.getRuntime().halt(Main.LOST);
    }
}
