package io.lavis4j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytedeco.pytorch.global.torch.ones;

import io.lavis4j.checkpoint.TestFiles.Pickle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** PyTorch's calls that make tensors again: each is read for what it is or refused by its name. */
final class RebuiltTensorTest {
    private static final String HOOKS = "ccollections\nOrderedDict\n)R";

    private final PointerScope scope = new PointerScope();

    @TempDir
    Path folder;

    @AfterEach
    void closeScope() {
        scope.close();
    }

    private Tensor read(Pickle value) {
        return Objects.requireNonNull(Checkpoints.stateDict(file(value)).get("w"));
    }

    private Path file(Pickle value) {
        return TestFiles.pth(folder.resolve("m.pth"), value);
    }

    private static Pickle w() {
        return new Pickle().op("}").text("w");
    }

    private static String text(String text) {
        return "X%c\0\0\0%s".formatted(text.length(), text);
    }

    @Test
    void aNegativeViewHasTheNegativeValues() {
        var state = "}" + text("neg") + "\u0088s";
        var w = read(w().tensorOf(state).op("s"));

        assertThat(w.is_neg()).isFalse();
        assertThat(w.add(ones(4)).sum().item_float()).isEqualTo(4f);
        assertThat(new String(TestFiles.bytes(w), StandardCharsets.ISO_8859_1))
                .as("minus zeros")
                .isEqualTo("\0\0\0\u0080".repeat(4));
    }

    @Test
    void anEmptyStateOrOneThatIsOffChangesNothing() {
        for (String state : new String[] {"N", "}", "}" + text("neg") + "\u0089s"}) {
            assertThat(TestFiles.bytes(read(w().tensorOf(state).op("s")))).containsOnly(0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"conj", "zero_tensor"})
    void viewsWithAnotherStateAreRefusedByIt(String name) {
        var state = "}(" + text(name) + "\u0088" + text("neg") + "\u0088u";
        assertRefused(file(w().tensorOf(state).op("s")), "at w", "torch.Tensor", name);
    }

    @Test
    void aNegativeViewThatLibtorchCannotNegateIsRefusedByItsDtype() {
        var pickle = w().op("ctorch._utils\n_rebuild_tensor_v3\n((")
                .text("storage")
                .op("ctorch.storage\nUntypedStorage\n")
                .text("0")
                .text("cpu")
                .integer(16);
        pickle.op("tQ")
                .integer(0)
                .tuple(16)
                .tuple(1)
                .op("\u0089" + HOOKS + "ctorch\nfloat8_e5m2\n}" + text("neg") + "\u0088stRs");
        assertRefused(file(pickle), "at w", "negative view", "float8_e5m2");
    }

    @ParameterizedTest
    @CsvSource({
        "torch._utils, _rebuild_sparse_tensor",
        "torch._utils, _rebuild_qtensor",
        "torch._utils, _rebuild_wrapper_subclass",
        "torch._utils, _rebuild_meta_tensor_no_storage",
        "torch._utils, _rebuild_nested_tensor",
        "torch._utils, _rebuild_device_tensor_from_numpy",
        "torch._tensor, _rebuild_from_type"
    })
    void otherTensorsAreRefusedByTheCallThatMakesThem(String module, String call) {
        var pickle = w().op("c%s\n%s\n(".formatted(module, call)).storage("0", 4);
        assertRefused(file(pickle.op("tRs")), "at w", module + "." + call);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ComplexFloatStorage", "ComplexDoubleStorage", "QInt8Storage"})
    void tensorsOfOtherDtypesAreRefusedByTheirStorage(String storage) {
        var pickle = w().op("ctorch._utils\n_rebuild_tensor_v2\n((")
                .text("storage")
                .op("ctorch\n%s\n".formatted(storage))
                .text("0")
                .text("cpu")
                .integer(2);
        pickle.op("tQ").integer(0).tuple(2).tuple(1).op("\u0089" + HOOKS + "tRs");
        assertRefused(file(pickle), "at w", "torch." + storage);
    }

    @Test
    void aParameterWithAttributesIsItsData() {
        var pickle = w().op("ctorch._utils\n_rebuild_parameter_with_state\n(");
        pickle.tensor(0, new long[] {4}, new long[] {1}).op("\u0088" + HOOKS + "}" + text("lr") + "K\1stRs");
        assertThat(read(pickle).requires_grad()).isTrue();
    }

    @Test
    void aNegativeViewIsNotWrittenWithTheWrongSign() {
        var tensor = ones(2)._neg_view();
        assertThatThrownBy(() -> Checkpoints.write(folder.resolve("neg.pth"), Map.of("w", tensor)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("negative view", "resolve_neg");
    }

    private static void assertRefused(Path file, String... expected) {
        assertThatThrownBy(() -> Checkpoints.stateDict(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContainingAll(expected);
    }
}
