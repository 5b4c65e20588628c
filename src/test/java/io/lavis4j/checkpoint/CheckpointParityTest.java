package io.lavis4j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lavis4j.golden.GoldenCases;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;

/** Checkpoints written by PyTorch, against what PyTorch itself reads from them. Everything is exact. */
final class CheckpointParityTest {
    private static final String PTH = ".pth";

    /** The files that the writer made, for {@code src/test/python/check_checkpoint.py}. */
    static final Path WRITTEN = Path.of("target", "written-checkpoints");

    /** One tensor as the reference describes it, and as it was read. */
    private record Described(JsonNode expected, Tensor tensor) {
        String path() {
            return expected.path("tensor").asText();
        }

        boolean named(String prefix) {
            return path().substring(path().lastIndexOf('/') + 1).startsWith(prefix);
        }

        long bytesBefore() {
            return expected.path("storage_offset").longValue() * tensor.element_size();
        }
    }

    @TestFactory
    List<DynamicTest> everyReferenceFile() throws IOException {
        var tests = new ArrayList<DynamicTest>();
        for (var golden : GoldenCases.of("i_checkpoints")) {
            try (var files = Files.list(golden)) {
                for (var file :
                        files.filter(p -> p.toString().endsWith(PTH)).sorted().toList()) {
                    if (Files.exists(sibling(file, ".expected.json"))) {
                        tests.addAll(testsOf(golden.getFileName() + "/" + file.getFileName(), file));
                    }
                }
            }
        }
        assertThat(tests).as("checkpoints with expectations").isNotEmpty();
        return tests;
    }

    private static List<DynamicTest> testsOf(String name, Path file) {
        return List.of(
                test(name + ": types, order and values", () -> checkTree(file, Checkpoints.read(file))),
                test(name + ": dtypes, shapes and strides", () -> checkTensors(file, Checkpoints.read(file))),
                test(name + ": bytes", () -> checkBytes(file, Checkpoints.read(file))),
                test(name + ": storages", () -> checkStorages(file)),
                test(name + ": state dict", () -> checkStateDict(file)),
                test(name + ": written and read again", () -> checkWritten(file)));
    }

    private static DynamicTest test(String name, Executable check) {
        return dynamicTest(name, () -> {
            try (var scope = new PointerScope()) {
                check.execute();
            }
        });
    }

    private static void checkTree(Path file, @Nullable Object tree) {
        assertThat(walk(expected(file), tree, "", (described, path) -> {})).isPositive();
    }

    private static void checkTensors(Path file, @Nullable Object tree) {
        for (var described : describe(file, tree)) {
            var tensor = described.tensor;
            var expected = described.expected;
            var name = described.path();
            assertThat(ElementType.of(tensor.scalar_type()).python)
                    .as(name)
                    .isEqualTo(expected.path("dtype").asText());
            assertThat(tensor.shape()).as(name).isEqualTo(longs(expected.path("shape")));
            assertThat(tensor.strides().vec().get()).as(name).isEqualTo(longs(expected.path("stride")));
            assertThat(tensor.requires_grad())
                    .as(name)
                    .isEqualTo(expected.path("requires_grad").booleanValue());
            assertThat(tensor.is_leaf()).as(name).isTrue();
        }
    }

    private static void checkBytes(Path file, @Nullable Object tree) {
        var reference = SafeTensors.read(sibling(file, ".expected.safetensors"));
        var seen = new HashSet<String>();
        for (var described : describe(file, tree)) {
            var expected = Objects.requireNonNull(reference.get(described.path()), described.path());
            assertThat(TestFiles.bytes(described.tensor)).as(described.path()).isEqualTo(TestFiles.bytes(expected));
            seen.add(described.path());
        }
        assertThat(seen).isEqualTo(reference.keySet());
    }

    /** A tensor minus its offset is the start of a storage, shared by those named so and by no other. */
    private static void checkStorages(Path path) {
        var owners = new LinkedHashMap<Long, Described>();
        try (var file = MappedFile.open(path)) {
            var starts = storageStarts(file);
            for (var described : describe(path, Checkpoints.read(path))) {
                if (described.tensor.numel() == 0) {
                    continue;
                }
                long start = described.tensor.data_ptr().address() - described.bytesBefore();
                var storage = described.tensor.storage();
                if (storage.nbytes() == file.size) {
                    long inFile = start - storage.data().address();
                    assertThat(starts.isEmpty() || starts.contains(inFile))
                            .as("%s: a storage at byte %d", described.path(), inFile)
                            .isTrue();
                } else {
                    assertThat(start)
                            .as(described.path())
                            .isEqualTo(storage.data().address());
                }
                var owner = owners.putIfAbsent(start, described);
                if (owner != null) {
                    assertThat(owner.named("shared_") && described.named("shared_"))
                            .as("%s shares the storage of %s", described.path(), owner.path())
                            .isTrue();
                }
            }
        }
        assertThat(owners.values().stream().filter(d -> d.named("shared_")).count())
                .as("storages of tensors named shared_")
                .isLessThanOrEqualTo(1);
    }

    /** The places at which the zip's storages begin; empty for the old stream, which has no directory. */
    private static Set<Long> storageStarts(MappedFile file) {
        var starts = new HashSet<Long>();
        if (FileFormat.of(file) == FileFormat.TORCH_ZIP) {
            var zip = new ZipDirectory(file);
            for (int key = 0; zip.contains(zip.folder() + "data/" + key); key++) {
                starts.add(zip.place(zip.folder() + "data/" + key).offset());
            }
        }
        return starts;
    }

    private static void checkStateDict(Path file) {
        var tree = (Map<?, ?>) Objects.requireNonNull(Checkpoints.read(file));
        var expected = tree.get("model") instanceof Map<?, ?> model ? model : tree;
        var stateDict = Checkpoints.stateDict(file);
        assertThat(new ArrayList<Object>(stateDict.keySet())).isEqualTo(new ArrayList<Object>(expected.keySet()));
    }

    private static void checkWritten(Path file) throws IOException {
        var original = Checkpoints.read(file);
        var folder = Files.createDirectories(
                WRITTEN.resolve(Objects.requireNonNull(file.getParent()).getFileName()));
        var copy = folder.resolve(file.getFileName());
        Checkpoints.write(copy, original);
        var again = sibling(copy, ".again");
        Checkpoints.write(again, Checkpoints.read(copy));
        assertThat(Files.mismatch(copy, again)).as("first differing byte").isEqualTo(-1);
        Files.delete(again);

        var read = Checkpoints.read(copy);
        checkTree(file, read);
        checkTensors(file, read);
        checkBytes(file, read);
        assertThat(sharing(describe(file, read))).isEqualTo(sharing(describe(file, original)));
    }

    /** Bytes of memory between a tensor's first and last element. */
    private record Extent(String path, long begin, long end) {
        static Extent of(Described described) {
            var tensor = described.tensor;
            var shape = LongStream.of(tensor.shape()).boxed().toList();
            long begin = tensor.data_ptr().address();
            long elements = Shapes.extent(shape, StorageLayout.strides(tensor));
            return new Extent(described.path(), begin, begin + elements * tensor.element_size());
        }
    }

    /** For each tensor the first one that it overlaps, and the distance of their first elements. */
    private static List<String> sharing(List<Described> tensors) {
        var extents = tensors.stream()
                .filter(d -> d.tensor.numel() > 0)
                .map(Extent::of)
                .toList();
        var sharing = new ArrayList<String>();
        for (var extent : extents) {
            for (var other : extents) {
                if (extent.begin < other.end && other.begin < extent.end) {
                    sharing.add("%s %s %d".formatted(extent.path, other.path, extent.begin - other.begin));
                    break;
                }
            }
        }
        return sharing;
    }

    private static List<Described> describe(Path file, @Nullable Object tree) {
        var tensors = new ArrayList<Described>();
        walk(expected(file), tree, "", (expected, tensor) -> tensors.add(new Described(expected, tensor)));
        return tensors;
    }

    /** Compares types, order and scalar values, and shows each tensor with its description. */
    private static int walk(
            JsonNode expected, @Nullable Object actual, String path, BiConsumer<JsonNode, Tensor> tensors) {
        int count = 1;
        if (expected.has("tensor")) {
            assertThat(actual).as(path).isInstanceOf(Tensor.class);
            tensors.accept(expected, (Tensor) Objects.requireNonNull(actual));
        } else if (expected.has("dict")) {
            assertThat(actual).as(path).isInstanceOf(Map.class);
            var entries = new ArrayList<Map.Entry<?, ?>>(((Map<?, ?>) Objects.requireNonNull(actual)).entrySet());
            var pairs = expected.path("dict");
            assertThat(entries).as(path).hasSize(pairs.size());
            for (int i = 0; i < pairs.size(); i++) {
                var key = scalar(pairs.path(i).path(0));
                assertThat((Object) entries.get(i).getKey()).as(path).isEqualTo(key);
                count += walk(pairs.path(i).path(1), entries.get(i).getValue(), path + "/" + key, tensors);
            }
        } else if (expected.has("list") || expected.has("tuple")) {
            boolean list = expected.has("list");
            assertThat(actual).as(path).isInstanceOf(list ? List.class : Tuple.class);
            var items = actual instanceof Tuple tuple ? tuple.values() : (List<?>) Objects.requireNonNull(actual);
            var expectedItems = expected.path(list ? "list" : "tuple");
            assertThat(items).as(path).hasSize(expectedItems.size());
            for (int i = 0; i < items.size(); i++) {
                count += walk(expectedItems.path(i), items.get(i), path + "/" + i, tensors);
            }
        } else {
            assertThat(expected.has("value")).as("%s: known description", path).isTrue();
            assertThat(actual).as(path).isEqualTo(scalar(expected.path("value")));
        }
        return count;
    }

    private static @Nullable Object scalar(JsonNode value) {
        if (value.isNull()) {
            return null;
        }
        if (value.isBoolean()) {
            return value.booleanValue();
        }
        if (value.isIntegralNumber()) {
            return value.canConvertToLong() ? (Object) value.longValue() : value.bigIntegerValue();
        }
        return value.isNumber() ? (Object) value.doubleValue() : value.textValue();
    }

    private static JsonNode expected(Path file) {
        try {
            var json =
                    new ObjectMapper().readTree(sibling(file, ".expected.json").toFile());
            return json.has("content") ? json.path("content") : json;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path sibling(Path file, String ending) {
        var name = file.getFileName().toString();
        return file.resolveSibling(name.substring(0, name.length() - PTH.length()) + ending);
    }

    private static long[] longs(JsonNode array) {
        var longs = new long[array.size()];
        for (int i = 0; i < longs.length; i++) {
            longs[i] = array.path(i).longValue();
        }
        return longs;
    }
}
