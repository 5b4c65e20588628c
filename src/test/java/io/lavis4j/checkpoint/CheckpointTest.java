package io.lavis4j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytedeco.pytorch.global.torch.ones;

import io.lavis4j.checkpoint.TestFiles.Pickle;
import io.lavis4j.golden.GoldenCases;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints that are damaged, hostile, sharded or not checkpoints at all. */
final class CheckpointTest {
    private static final long SEED = 20260101;

    private final PointerScope scope = new PointerScope();

    @TempDir
    Path folder;

    @AfterEach
    void closeScope() {
        scope.close();
    }

    static List<Path> smallReferenceFiles() {
        var golden = GoldenCases.of("i_checkpoints").get(0);
        return List.of(
                golden.resolve("awkward.pth"),
                golden.resolve("awkward_legacy_format.pth"),
                golden.resolve("plain_state_dict.pth"));
    }

    @ParameterizedTest
    @MethodSource("smallReferenceFiles")
    void everyTruncationIsAnError(Path whole) throws IOException {
        var bytes = Files.readAllBytes(whole);
        var cut = folder.resolve("cut.pth");
        for (int length = 0; length < bytes.length; length += length < 600 ? 1 : 61) {
            Files.write(cut, Arrays.copyOf(bytes, length));
            assertRefused(cut, "");
        }
    }

    @ParameterizedTest
    @MethodSource("smallReferenceFiles")
    void flippedBitsAreErrorsOrOtherValues(Path whole) throws IOException {
        var bytes = Files.readAllBytes(whole);
        var random = new Random(SEED);
        var flipped = folder.resolve("flipped.pth");
        for (int trial = 0; trial < 500; trial++) {
            var changed = bytes.clone();
            changed[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            Files.write(flipped, changed);
            try (var step = new PointerScope()) {
                Trees.visit(Checkpoints.read(flipped), tensor -> {
                    if (tensor.numel() < 1 << 16) {
                        TestFiles.bytes(tensor);
                    }
                });
            } catch (CheckpointException e) {
                assertThat(e).as("trial %d of seed %d", trial, SEED).hasMessageStartingWith(flipped.toString());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"posix\nsystem", "os\nsystem", "builtins\neval", "builtins\nexec", "subprocess\nPopen"})
    void functionsInAPickleAreNeverCalled(String function) {
        var witness = folder.resolve("witness");
        var call = new Pickle()
                .op("c%s\n".formatted(function))
                .text("touch " + witness)
                .op("\u0085R");
        assertRefused(TestFiles.pth(folder.resolve("root.pth"), call), function.replace('\n', '.'));

        var inModel = new Pickle().op("}(").text("model").op("}(").text("w").op("c%s\n".formatted(function));
        inModel.text("touch " + witness).op("\u0085Ruu");
        var file = TestFiles.pth(folder.resolve("model.pth"), inModel);
        assertThatThrownBy(() -> Checkpoints.stateDict(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining("at w")
                .hasMessageContaining(function.replace('\n', '.'));
        assertThat(witness).doesNotExist();
    }

    @Test
    void objectsThatNobodyAsksForDoNotHinderTheRest() {
        var pickle = new Pickle().op("}(").text("model").op("}").text("w").tensor(0, new long[] {4}, new long[] {1});
        pickle.op("s")
                .text("config")
                .op("comegaconf.dictconfig\nDictConfig\n)\u0081}")
                .text("_content");
        pickle.op("}sb")
                .text("args")
                .op("cargparse\nNamespace\n)\u0081}")
                .text("lr")
                .op("K\1sbu");
        var file = TestFiles.pth(folder.resolve("released.pth"), pickle);
        assertThat(Checkpoints.stateDict(file)).containsOnlyKeys("w");

        var tree = Checkpoints.read(file);
        assertThat(Checkpoints.get(tree, Tensor.class, "model", "w").numel()).isEqualTo(4);
        assertThatThrownBy(() -> Checkpoints.get(tree, Map.class, "config"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[config]")
                .hasMessageContaining("omegaconf.dictconfig.DictConfig");
    }

    static List<Pickle> bombs() {
        var doubling = new Pickle().op("]q\0");
        for (int i = 1; i < 100; i++) {
            doubling.op("](h%ch%ceq%c".formatted(i - 1, i - 1, i));
        }
        return List.of(
                new Pickle().op("]".repeat(100_000) + "a".repeat(99_999)),
                new Pickle().op(")" + "\u0085".repeat(100_000)),
                new Pickle().op("(".repeat(1_000_000)),
                new Pickle().op("}" + "0}".repeat(20_000_000)),
                new Pickle().op("]q\0h\0a"),
                doubling,
                new Pickle().op("X\u00ff\u00ff\u00ff\u007f"),
                new Pickle().op("\u008d\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff"),
                new Pickle().op("j\u00ff\u00ff\u00ff\u00ff"),
                new Pickle().op("}]]s"),
                new Pickle().op("00"),
                new Pickle().op("e"),
                new Pickle().op("\u008b\u00ff\u00ff\u00ff\u007f"),
                fromType(10_000),
                new Pickle().op("I1\n"));
    }

    /** A call whose arguments are the arguments of the same call, again and again. */
    private static Pickle fromType(int depth) {
        var pickle = new Pickle().op("ctorch._tensor\n_rebuild_from_type_v2\nq\0)");
        for (int i = 0; i < depth; i++) {
            pickle.op("q\1" + "0h\0Nh\1\u0087"); // (function, None, what was there)
        }
        return pickle.op("R");
    }

    @ParameterizedTest
    @MethodSource("bombs")
    void bombsAreRefused(Pickle bomb) {
        assertRefused(TestFiles.pth(folder.resolve("bomb.pth"), bomb), "");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "0|5|1|leaves its storage",
                "1|4|1|leaves its storage",
                "0|2,2|4,1|leaves its storage",
                "-1|2|1|at least 0",
                "0|-2|1|at least 0",
                "0|2|-1|at least 0",
                "0|2|9223372036854775807|leaves its storage",
                "0|9223372036854775807|0|a tensor of shape",
                "0|4611686018427387904,8|0,0|a tensor of shape",
                "0|2|1,1|with strides",
                "9223372036854775807|1|1|leaves its storage",
            })
    void tensorsStayInTheirStorage(long offset, String shape, String strides, String expected) {
        var pickle = new Pickle().tensor(offset, longs(shape), longs(strides));
        assertRefused(TestFiles.pth(folder.resolve("tensor.pth"), pickle), expected);
    }

    @ParameterizedTest
    @CsvSource({"0,5", "0,3", "0,-1", "1,4", "../0,4"})
    void storagesAreThoseOfTheZip(String key, long count) {
        var pickle = new Pickle().op("(").storage(key, count).op("t");
        assertRefused(TestFiles.pth(folder.resolve("storage.pth"), pickle), "");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|empty",
                "<!DOCTYPE html><html>404</html>|web page",
                "\\n  <html><body>Sign in</body></html>|web page",
                "version https://git-lfs.github.com/spec/v1\\noid sha256:0\\nsize 3|git lfs pull",
                "garbage that is not a checkpoint|something else",
                "x|1 bytes",
                "{\"a\": 1}|weight_map",
                "{\"weight_map\": {\"w\": 3}}|name of a shard",
                "{\"weight_map\"|not valid JSON",
            })
    void filesThatAreNoCheckpointsAreNamed(String content, String expected) throws IOException {
        var file = folder.resolve("what.pth");
        Files.writeString(file, content.replace("\\n", "\n"));
        assertRefused(file, expected);
    }

    @Test
    void viewsOfOldStoragesShareTheirRoot() throws IOException {
        var file = folder.resolve("old.pth");
        var tree = new Pickle()
                .op("](")
                .tensor(0, new long[] {4}, new long[] {1})
                .tensorOfView(1, 2, 1)
                .op("e");
        var data = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
        data.putLong(4).putFloat(0).putFloat(1).putFloat(2).putFloat(3);
        try (var out = Files.newOutputStream(file)) {
            out.write(TestFiles.oldHead());
            out.write(tree.bytes());
            out.write(new Pickle().op("]").text("0").op("a").bytes());
            out.write(data.array());
        }
        var read = Checkpoints.read(file);
        var root = Checkpoints.get(read, Tensor.class, 0);
        var view = Checkpoints.get(read, Tensor.class, 1);
        assertThat(view.item_float())
                .as("second element of the view of elements 1 and 2")
                .isEqualTo(2f);
        root.fill_(new Scalar(5));
        assertThat(view.item_float()).isEqualTo(5f);
    }

    @Test
    void missingFilesAndEmptyFoldersAreNamed() {
        assertRefused(folder.resolve("none.pth"), "no such file");
        assertRefused(folder, "model.safetensors");
    }

    @Test
    void barePicklesOtherZipsAndCompressedRecordsAreRefused() throws IOException {
        var bare = Files.write(folder.resolve("bare.pth"), new Pickle().op("}").bytes());
        assertRefused(bare, "torch.save");
        var zip = folder.resolve("deflated.pth");
        try (var out = new ZipOutputStream(Files.newOutputStream(zip))) {
            out.putNextEntry(new ZipEntry("archive/data.pkl"));
            out.write(new Pickle().op("}").bytes());
        }
        assertRefused(zip, "compressed");
        try (var out = new ZipOutputStream(Files.newOutputStream(zip))) {
            out.putNextEntry(new ZipEntry("weights.npy"));
            out.write(1);
        }
        assertRefused(zip, "data.pkl");
    }

    @Test
    void shardsAreReadThroughTheirIndex() throws IOException {
        SafeTensors.write(folder.resolve("one.safetensors"), Map.of("a", ones(2), "unused", ones(1)), Map.of());
        Checkpoints.write(folder.resolve("two.bin"), Map.of("b", ones(3)));
        var index = folder.resolve("model.safetensors.index.json");
        Files.writeString(
                index, "{\"metadata\": {}, \"weight_map\": {\"b\": \"two.bin\", \"a\": \"one.safetensors\"}}");
        for (var path : List.of(folder, index)) {
            var tensors = Checkpoints.stateDict(path);
            assertThat(tensors.keySet()).containsExactly("b", "a");
            assertThat(get(tensors, "b").sum().item_float()).isEqualTo(3f);
        }
        Files.writeString(index, "{\"weight_map\": {\"c\": \"one.safetensors\"}}");
        assertRefused(folder, "tensor c is not in shard one.safetensors");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../out.bin", "/etc/passwd", "a/../../out.bin", "..", "a\\u0000b", "", "self.index.json"})
    void shardsOutsideTheFolderAreRefused(String name) throws IOException {
        Checkpoints.write(folder.resolve("out.bin"), Map.of("w", ones(1)));
        var inside = Files.createDirectories(folder.resolve("inside"));
        var index = inside.resolve("self.index.json");
        Files.writeString(index, "{\"weight_map\": {\"w\": \"%s\"}}".formatted(name));
        assertThatThrownBy(() -> Checkpoints.read(index))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(inside.toString());
    }

    @Test
    void readingLeavesNothingBehind() {
        var file = smallReferenceFiles().get(0);
        var counts = new ArrayList<Long>();
        for (int i = 0; i < 3; i++) {
            try (var step = new PointerScope()) {
                Checkpoints.read(file);
            }
            counts.add(Pointer.totalCount());
        }
        assertThat(counts.get(2)).isEqualTo(counts.get(1));
    }

    @Test
    void tensorsReadInNoScopeStayUsable() throws InterruptedException {
        var sums = new ArrayList<Float>();
        var outsideAnyScope = new Thread(() -> {
            var tensors = Checkpoints.stateDict(smallReferenceFiles().get(2));
            sums.add(get(tensors, "weight").abs().sum().item_float());
        });
        outsideAnyScope.start();
        outsideAnyScope.join();
        assertThat(sums).singleElement().satisfies(sum -> assertThat(sum).isPositive());
    }

    private static void assertRefused(Path file, String expected) {
        assertThatThrownBy(() -> Checkpoints.read(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(expected);
    }

    private static Tensor get(Map<String, Tensor> tensors, String name) {
        return Objects.requireNonNull(tensors.get(name), name);
    }

    private static long[] longs(String commaSeparated) {
        return Arrays.stream(commaSeparated.split(","))
                .mapToLong(Long::parseLong)
                .toArray();
    }
}
