package io.lavis4j.tensor;

import org.bytedeco.pytorch.global.torch;

/**
 * Algorithms that give the same numbers whenever they run on one device.
 *
 * <p>On a CPU all of ours do. On a GPU the fastest add up in the order in which threads finish: in backward of
 * attention and of rows that were selected, for one.
 */
public final class Determinism {

    private Determinism() {}

    /**
     * Whether only such algorithms may be chosen from now on, in the whole process; an operation that has none then
     * throws.
     */
    public static void require(boolean required) {
        Libtorch.load();
        var context = torch.globalContext();
        context.setDeterministicAlgorithms(required, false);
        context.setDeterministicFillUninitializedMemory(false); // which costs time, and hides nothing of ours
        context.setDeterministicCuDNN(required);
    }
}
