package io.lavis4j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.pytorch.global.torch.arange;
import static org.bytedeco.pytorch.global.torch.equal;

import io.lavis4j.nn.Module;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What of a mapped file stays in memory when a module has taken its tensors. */
class CopiedPagesTest {

    private static final long SIDE = 1024;
    private static final long MATRIX = SIDE * SIDE * Float.BYTES;

    @TempDir
    Path folder;

    private final PointerScope scope = new PointerScope();
    private final Two module = new Two();

    /** A matrix that is trained, one that is not, and under a second name the first without training. */
    private static final class Two extends Module {

        private final Tensor trained = parameter("trained", SIDE, SIDE);
        private final Tensor frozen = parameter("frozen", SIDE, SIDE);
        private final Tensor again = parameter("again", SIDE, SIDE);

        Two() {
            frozen.set_requires_grad(false);
            again.set_requires_grad(false);
        }
    }

    @AfterEach
    void close() {
        module.close();
        scope.close();
    }

    private static Tensor matrix(int first) {
        return arange(new Scalar(first), new Scalar(first + SIDE * SIDE))
                .to(ScalarType.Float)
                .view(SIDE, SIDE);
    }

    private Path write(String name) {
        var file = folder.resolve(name);
        try (var values = new PointerScope()) {
            var tensors = Map.of("trained", matrix(1), "frozen", matrix(2));
            if (name.endsWith(".pth")) {
                Checkpoints.write(file, tensors);
            } else {
                SafeTensors.write(file, tensors, Map.of());
            }
        }
        return file;
    }

    /** Bytes of a file that are in this process's memory. */
    private static long resident(Path file) {
        long kibibytes = 0;
        boolean here = false;
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/smaps"), StandardCharsets.ISO_8859_1)) {
                if (line.matches("^[0-9a-f]+-[0-9a-f]+ .*")) {
                    here = line.endsWith(file.toString());
                } else if (here && line.startsWith("Rss:")) {
                    kibibytes += Long.parseLong(line.replaceAll("\\D", ""));
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return kibibytes << 10;
    }

    private static float sum(Tensor tensor) {
        return tensor.sum().item_float();
    }

    @ParameterizedTest
    @ValueSource(strings = {"weights.safetensors", "weights.pth"})
    void whatIsCopiedIsGivenBackAndWhatIsSharedStays(String name) {
        var file = write(name);
        var state = Checkpoints.stateDict(file);
        state.values().forEach(CopiedPagesTest::sum);
        assertThat(resident(file)).isGreaterThanOrEqualTo(2 * MATRIX);

        module.load(state);

        assertThat(resident(file)).isBetween(MATRIX, MATRIX + MATRIX / 2);
        assertThat(equal(module.trained.detach(), matrix(1))).isTrue();
        assertThat(equal(module.frozen, matrix(2))).isTrue();
        assertThat(equal(get(state, "trained"), matrix(1))).isTrue(); // read again
    }

    @Test
    void aTensorThatIsCopiedAndSharedIsReadAgain() {
        var state = Checkpoints.stateDict(write("weights.safetensors"));
        module.load(Map.of("trained", get(state, "trained"), "again", get(state, "trained")));
        assertThat(module.again.data_ptr().address())
                .isEqualTo(get(state, "trained").data_ptr().address());
        assertThat(equal(module.again, matrix(1))).isTrue();
        assertThat(equal(module.trained.detach(), matrix(1))).isTrue();
    }

    @Test
    void whatWasWrittenIntoTheMappingStays() {
        var state = Checkpoints.stateDict(write("weights.safetensors"));
        var changed = get(state, "trained");
        changed.select(0, 7).fill_(new Scalar(-1.0)); // a page's worth
        module.load(state);
        assertThat(changed.select(0, 7).max().item_float()).isEqualTo(-1);
        assertThat(changed.select(0, 8).min().item_float()).isEqualTo((float) (8 * SIDE + 1));
        assertThat(equal(module.trained.detach(), changed)).isTrue();
    }

    private static Tensor get(Map<String, Tensor> state, String name) {
        return Objects.requireNonNull(state.get(name));
    }
}
