package io.lavis4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Tf32Test {

    /** libtorch's defaults, of which {@link #convolutionsAloneMayUseItByDefault} makes sure. */
    @AfterEach
    void restore() {
        torch.globalContext().setAllowTF32CuDNN(true);
        torch.globalContext().setAllowTF32CuBLAS(false);
    }

    @Test
    void convolutionsAloneMayUseItByDefault() {
        Libtorch.load();
        assertThat(torch.globalContext().allowTF32CuDNN()).isTrue();
        assertThat(torch.globalContext().allowTF32CuBLAS()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void isAllowedToBothOrNeither(boolean allowed) {
        Tf32.allow(allowed);

        assertThat(torch.globalContext().allowTF32CuDNN()).isEqualTo(allowed);
        assertThat(torch.globalContext().allowTF32CuBLAS()).isEqualTo(allowed);
    }
}
