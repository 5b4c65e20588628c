package io.lavis4j.tensor;

/** Loads libtorch. */
public final class Libtorch {

    private Libtorch() {}

    /** Loads libtorch once. */
    public static void load() {}
}
