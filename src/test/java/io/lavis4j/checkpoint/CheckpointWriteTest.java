package io.lavis4j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytedeco.pytorch.global.torch.arange;
import static org.bytedeco.pytorch.global.torch.ones;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints that are written here. */
final class CheckpointWriteTest {
    private final PointerScope scope = new PointerScope();

    @TempDir
    Path folder;

    @AfterEach
    void closeScope() {
        scope.close();
    }

    @Test
    void everyKindOfValueComesBack() throws IOException {
        var tree = new LinkedHashMap<Object, @Nullable Object>();
        tree.put("none", null);
        tree.put("flags", List.of(true, false));
        tree.put("integers", List.of(0L, 255L, 256L, -1L, -129L, 1L << 31, Long.MIN_VALUE, BigInteger.TWO.pow(64)));
        tree.put("numbers", List.of(1e-5, -0.0, Double.POSITIVE_INFINITY));
        tree.put("text", List.of("", "na\u00efve \u6771\u4eac", "text"));
        tree.put("bytes", new byte[] {0, 1, -1});
        tree.put("tuple", new Tuple(Arrays.asList(1L, null, new Tuple(List.of()))));
        tree.put("set", new LinkedHashSet<>(List.of("a", 1L)));
        tree.put("dtype", ScalarType.BFloat16);
        tree.put(7L, new OrderedDict<>(Map.of(0L, "int keys")));
        tree.put(new Tuple(List.of("a", 1L)), "tuple key");
        var tensors = new LinkedHashMap<Object, @Nullable Object>();
        for (var type : ElementType.values()) {
            tensors.put(type.python, arange(new Scalar(6)).view(2, 3).to(type.scalarType));
        }
        tensors.put("requires_grad", ones(2).requires_grad_(true));
        tree.put("tensors", tensors);
        var file = Files.createDirectories(CheckpointParityTest.WRITTEN).resolve("every_value.pth");
        Checkpoints.write(file, tree);

        var read = (Map<?, ?>) Objects.requireNonNull(Checkpoints.read(file));
        assertThat(new ArrayList<Object>(read.keySet())).isEqualTo(new ArrayList<>(tree.keySet()));
        read.forEach((key, value) -> {
            if (!"tensors".equals(key)) {
                assertThat((Object) value).as("%s", key).isEqualTo(tree.get(key));
            }
        });
        assertThat(read.get(7L)).isInstanceOf(OrderedDict.class);
        for (var type : ElementType.values()) {
            var tensor = Checkpoints.get(read, Tensor.class, "tensors", type.python);
            assertThat(tensor.scalar_type().intern()).isEqualTo(type.scalarType);
            assertThat(TestFiles.bytes(tensor))
                    .isEqualTo(TestFiles.bytes(Checkpoints.get(tree, Tensor.class, "tensors", type.python)));
        }
    }

    @Test
    void viewsOfALargeStorageAreWrittenWithoutTheRest() throws IOException {
        var large = ones(1 << 20);
        var file = folder.resolve("views.pth");
        Checkpoints.write(file, List.of(large.narrow(0, 5, 10), large.narrow(0, 10, 10), large.narrow(0, 500, 10)));
        assertThat(Files.size(file)).isLessThan(3000);
        var views = (List<?>) Objects.requireNonNull(Checkpoints.read(file));
        var first = (Tensor) views.get(0);
        first.fill_(new Scalar(7));
        assertThat(((Tensor) views.get(1)).sum().item_float()).as("half shared").isEqualTo(40f);
        assertThat(((Tensor) views.get(2)).sum().item_float()).as("not shared").isEqualTo(10f);
    }

    @Test
    void manyRecordsNeedZip64() {
        var file = folder.resolve("many.zip");
        CheckpointFile.write(file, out -> {
            var zip = new ZipWriter(out);
            for (int i = 0; i < 66_000; i++) {
                zip.add("archive/" + i, new byte[] {(byte) i});
            }
            zip.finish();
        });
        try (var opened = MappedFile.open(file)) {
            var zip = new ZipDirectory(opened);
            assertThat(zip.folder()).isEqualTo("archive/");
            assertThat(zip.read("archive/65999").get()).isEqualTo((byte) 65_999);
            assertThat(zip.place("archive/65999").offset() % 64).isZero();
        }
    }

    @Test
    void aFailedWriteLeavesTheOldFileAndNothingElse() throws IOException {
        var file = folder.resolve("m.pth");
        Checkpoints.write(file, Map.of("w", ones(2)));
        var before = Files.readAllBytes(file);

        assertThatThrownBy(() -> Checkpoints.write(file, Map.of("x", new Object())))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Checkpoints.write(file, cyclic())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Checkpoints.write(folder.resolve("none/m.pth"), Map.of()))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("none/m.pth");
        Files.createDirectories(folder.resolve("full/x"));
        assertThatThrownBy(() -> Checkpoints.write(folder.resolve("full"), Map.of()))
                .isInstanceOf(CheckpointException.class);
        try (var entries = Files.list(folder)) {
            assertThat(entries).containsExactlyInAnyOrder(file, folder.resolve("full"));
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    private static List<Object> cyclic() {
        var list = new ArrayList<Object>();
        list.add(list);
        return list;
    }
}
