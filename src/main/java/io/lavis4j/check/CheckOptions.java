package io.lavis4j.check;

/**
 * How data are looked at.
 *
 * @param quick whether images are judged by their headers, which finds neither damaged pixels nor equal images
 * @param threads that read images
 * @param listener is told how it gets on
 */
public record CheckOptions(boolean quick, int threads, CheckListener listener) {

    public CheckOptions {
        if (threads < 1) {
            throw new IllegalArgumentException("expected at least 1 thread, got " + threads);
        }
    }

    /** Every image is decoded, on all cores, in silence. */
    public static CheckOptions thorough() {
        return new CheckOptions(false, Runtime.getRuntime().availableProcessors(), (where, done, total) -> {});
    }
}
