package io.lavis4j.tensor;

/**
 * How a program ends that computes: without the destructors of libraries. A signal, or a thread that calls
 * {@link System#exit}, ends a JVM while other threads are inside libtorch, whose tables its destructors would take away
 * under them. Shutdown hooks run as ever, and what Java has written is written.
 *
 * <p>For programs of their own; whoever embeds this library decides about their process themselves.
 */
public final class PromptExit {

    private static final String RESOURCE = "/io/lavis4j/native/%s/liblavis4j_exit.so";

    private PromptExit() {}

    /** Has this process end so, if libtorch is loaded by then. */
    public static void install() {
        Runtime.getRuntime().addShutdownHook(new Thread(PromptExit::prepare, "ends without destructors"));
    }

    /** As late as can be: what is registered after it would run before it. */
    @SuppressWarnings("EmptyCatch") // no build of our library for this platform: the process ends as others do
    private static void prepare() {
        if (Libtorch.isLoaded()) {
            try {
                System.load(JarLibrary.extract(RESOURCE).getPath());
                withoutDestructors();
            } catch (UnsatisfiedLinkError ignored) {
                // the log may be gone by now
            }
        }
    }

    private static native void withoutDestructors();
}
