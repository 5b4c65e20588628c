package io.lavis4j.download;

import java.io.IOException;
import java.net.http.HttpTimeoutException;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Failures that may pass, and the pauses before the next attempt.
 *
 * @param patience how many, and how long
 * @param pauses between them
 * @param clock that a server's dates are compared with
 */
record Attempts(Patience patience, Pauses pauses, Clock clock) {

    private static final Set<Integer> PASSING = Set.of(408, 425, 429, 500, 502, 503, 504);

    /** A server that is busy or out of order, and the pause that it asks for. */
    private static final class PassingException extends IOException {

        private static final long serialVersionUID = 1;
        private final transient @Nullable Duration asked;

        PassingException(int status, @Nullable Duration asked) {
            super("the server answers %d".formatted(status));
            this.asked = asked;
        }
    }

    /** Something that may be tried again. */
    @FunctionalInterface
    interface Attempt<T> {
        T run() throws IOException, InterruptedException;
    }

    /** Throws what may pass, so that it is tried again. */
    void requireNotPassing(Answer answer) throws IOException {
        if (PASSING.contains(answer.status())) {
            throw new PassingException(answer.status(), answer.retryAfter(clock));
        }
    }

    /** Tries until it succeeds, is refused, or has failed too often. */
    <T> T repeat(String what, TransferListener listener, Attempt<T> attempt) throws IOException, InterruptedException {
        for (int failures = 1; ; failures++) {
            try {
                return attempt.run();
            } catch (RefusedException e) {
                throw e;
            } catch (IOException e) {
                if (failures >= patience.attempts()) {
                    throw new IOException("%s: %s".formatted(what, reason(e)), e);
                }
                pause(what, failures, e, listener);
            }
        }
    }

    /** Waits for the next attempt, and says so. */
    void pause(String what, int failures, IOException failure, TransferListener listener) throws InterruptedException {
        var asked = failure instanceof PassingException passing ? passing.asked : null;
        var time = asked == null
                ? patience.pause(failures, ThreadLocalRandom.current().nextDouble())
                : patience.asked(asked);
        listener.note("%s: %s; again in %s".formatted(what, reason(failure), Units.time(time)));
        pauses.pause(time);
    }

    /** A failure in words; the network's own often have none. */
    static String reason(IOException failure) {
        String message = failure.getMessage();
        boolean inWords = failure instanceof HttpTimeoutException
                || failure instanceof RefusedException
                || failure instanceof PassingException
                || failure.getClass() == IOException.class;
        return message == null
                ? "no connection (%s)".formatted(failure.getClass().getSimpleName())
                : inWords
                        ? message
                        : "%s (%s)".formatted(message, failure.getClass().getSimpleName());
    }
}
