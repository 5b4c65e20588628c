package io.lavis4j.nn;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LayerNormTest {

    private static final int WIDTH = 64;

    @BeforeEach
    void seed() {
        RandomState.seed(11);
    }

    /** With numbers beyond fp16's range in the sum of squares; weights are numbers of 16 bits already. */
    @ParameterizedTest
    @CsvSource({
        "Half, Half",
        "BFloat16, BFloat16",
        "Half, Float",
        "BFloat16, Float",
        "Float, Half",
        "Float, BFloat16",
        "Float, Float"
    })
    void isComputedInFloat32WhateverTheTypes(ScalarType input, ScalarType stored) {
        try (var scope = new PointerScope();
                var norm = new LayerNorm(WIDTH, 1e-5);
                var wide = new LayerNorm(WIDTH, 1e-5)) {
            norm.namedParameters().values().forEach(parameter -> Init.uniform(parameter, 2));
            norm.to(stored);
            wide.initialize();
            wide.load(norm.stateDict());
            var x = torch.randn(6, WIDTH).mul(Tensors.scalar(300)).to(input);

            var y = norm.forward(x);

            assertThat(Tensors.dtype(y)).isEqualTo(input);
            var expected = wide.forward(x.to(ScalarType.Float)).to(input).to(ScalarType.Float);
            double largest = y.to(ScalarType.Float).sub(expected).abs().max().item_double();
            assertThat(largest).isLessThan(input == ScalarType.Float ? 1e-6 : input == ScalarType.Half ? 4e-3 : 3e-2);
        }
    }
}
