package io.lavis4j.tensor;

import org.bytedeco.pytorch.global.torch;

/**
 * TF32, a GPU's float32 with a significand of 10 bits: several times as fast, exact to three decimal digits.
 *
 * <p>libtorch's default, and LAVIS's: convolutions may use it, matrix products do not.
 */
public final class Tf32 {

    private Tf32() {}

    /** Whether convolutions and matrix products in float32 may use it from now on, in the whole process. */
    public static void allow(boolean allowed) {
        Libtorch.load();
        torch.globalContext().setAllowTF32CuDNN(allowed);
        torch.globalContext().setAllowTF32CuBLAS(allowed);
    }
}
