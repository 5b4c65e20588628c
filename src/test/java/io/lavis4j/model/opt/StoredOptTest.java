package io.lavis4j.model.opt;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What it costs to store OPT's weights in fewer bits. */
class StoredOptTest {

    private static final int PREFIX = 12;
    private static final OptConfig CONFIG = new OptConfig(200, 128, 4, 4, 512, 64, 128, true, false, 0, 1, 2, 2);

    /** Of the first and of a later word, (2, V). */
    private static Tensor logits(@Nullable ScalarType stored) {
        return Scopes.keep(() -> {
            torch.manual_seed(11);
            try (var noGrad = new NoGradGuard();
                    var opt = new Opt(CONFIG)) {
                opt.initialize();
                opt.requiresGrad(false);
                if (stored != null) {
                    opt.storeWeights(stored);
                }
                opt.eval();
                var ids = Tensors.range(5, 5 + PREFIX, Devices.cpu()).unsqueeze(0); // (1, P)
                try (var decoder = opt.decoder(opt.embed(ids).to(ScalarType.Float), null)) {
                    var first = decoder.prefill();
                    return Tensors.cat(0, first, decoder.step(new long[] {7}));
                }
            }
        });
    }

    @ParameterizedTest
    @CsvSource({"Char, 0.001, 0.02", "BFloat16, 0.0003, 0.01"})
    void logitsAreNearThoseOfFp32(ScalarType stored, double least, double most) {
        try (var scope = new PointerScope()) {
            var expected = logits(null);
            var difference = logits(stored).sub(expected).norm().div(expected.norm());
            assertThat(difference.item_double()).isBetween(least, most);
        }
    }
}
