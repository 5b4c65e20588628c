package io.lavis4j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytedeco.pytorch.global.torch.arange;
import static org.bytedeco.pytorch.global.torch.empty;
import static org.bytedeco.pytorch.global.torch.equal;
import static org.bytedeco.pytorch.global.torch.ones;

import io.lavis4j.golden.GoldenCases;
import io.lavis4j.io.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SafeTensorsTest {
    private final PointerScope scope = new PointerScope();

    @TempDir
    Path folder;

    @AfterEach
    void closeScope() {
        scope.close();
    }

    @Test
    void everyDtypeComesBackInTheMapsOrder() throws IOException {
        var tensors = new LinkedHashMap<String, Tensor>();
        for (var type : ElementType.values()) {
            tensors.put(type.python, arange(new Scalar(6)).view(2, 3).to(type.scalarType));
        }
        tensors.put("transposed", arange(new Scalar(6)).view(2, 3).t());
        tensors.put("scalar", ones().squeeze());
        tensors.put("empty", empty(0, 4));
        tensors.put("naïve 東京", ones(1));
        var file = Files.createDirectories(CheckpointParityTest.WRITTEN).resolve("every_dtype.safetensors");
        SafeTensors.write(file, tensors, Map.of("format", "pt"));

        var read = SafeTensors.read(file);
        assertThat(read.keySet()).containsExactlyElementsOf(tensors.keySet());
        read.forEach((name, tensor) -> {
            var written = tensor(tensors, name);
            assertThat(tensor.shape()).as(name).isEqualTo(written.shape());
            assertThat(tensor.scalar_type().intern())
                    .as(name)
                    .isEqualTo(written.scalar_type().intern());
            assertThat(TestFiles.bytes(tensor)).as(name).isEqualTo(TestFiles.bytes(written));
        });
        assertThat(SafeTensors.metadata(file)).containsExactly(Map.entry("format", "pt"));
    }

    @Test
    void tensorsAreViewsOfOneMappingThatOutlivesTheReading() {
        var file = folder.resolve("m.safetensors");
        SafeTensors.write(file, Map.of("w", ones(1000)), Map.of());
        Tensor kept;
        try (var inner = new PointerScope()) {
            var read = SafeTensors.read(file);
            kept = tensor(read, "w");
            scope.attach(kept);
        }
        assertThat(kept.storage().nbytes()).isEqualTo(file.toFile().length());
        assertThat(kept.sum().item_float()).isEqualTo(1000f);
        kept.fill_(new Scalar(2)); // this process's page only
        assertThat(tensor(SafeTensors.read(file), "w").sum().item_float()).isEqualTo(1000f);
    }

    @Test
    void readingLeavesOnlyItsTensorsInTheCallersScope() {
        var file = folder.resolve("m.safetensors");
        SafeTensors.write(file, Map.of("a", ones(3), "b", ones(4)), Map.of());
        try (var caller = new PointerScope()) {
            SafeTensors.read(file)
                    .values()
                    .forEach(t -> assertThat(t.referenceCount()).isEqualTo(1));
        }
    }

    @Test
    void unalignedDataIsCopied() throws IOException {
        var header = "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}} ";
        var file = file(header + (header.length() % 2 == 0 ? " " : ""), 1f, 2f);
        var w = tensor(SafeTensors.read(file), "w");
        assertThat(equal(w, arange(new Scalar(1), new Scalar(3)))).isTrue();
        assertThat(w.storage().nbytes()).isEqualTo(8);
    }

    @Test
    void aFileIsToldByItsHeaderWhateverTheLengthOfThatBeginsWith() throws IOException {
        String header = "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
        for (int length = 256; length < 512; length++) {
            var file = file(header + " ".repeat(length - header.length()), 1f, 2f);
            assertThat(Checkpoints.stateDict(file))
                    .as("header of %d bytes", length)
                    .containsOnlyKeys("w");
            Files.move(file, folder.resolve("model.safetensors"), StandardCopyOption.REPLACE_EXISTING);
            assertThat(Checkpoints.stateDict(folder)).containsOnlyKeys("w");
        }
        var index = folder.resolve("model.safetensors.index.json");
        Files.writeString(index, "{\"weight_map\":{\"w\":\"hand.safetensors\"}}");
        file(header + " ".repeat(384 - header.length()), 1f, 2f);
        assertThat(Checkpoints.stateDict(folder)).containsOnlyKeys("w");
    }

    /** The first length begins as a zip file does. */
    @ParameterizedTest
    @ValueSource(ints = {0x04034b50, 100_000_000})
    void headersAreReadUpToTheFormatsLimit(int length) throws IOException {
        String header = "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
        var w = tensor(Checkpoints.stateDict(file(header + " ".repeat(length - header.length()), 1f, 2f)), "w");
        assertThat(w.sum().item_float()).isEqualTo(3f);
    }

    @Test
    void aHeaderBeyondTheFormatsLimitIsRefused() throws IOException {
        var file = file("{}");
        var bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        Files.write(file, bytes.putLong(0, 100_000_001).array());
        assertThatThrownBy(() -> Checkpoints.read(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll("100000000", "100000001");
    }

    @Test
    void namesMayBeOfAnyLength() throws IOException {
        String name = "n".repeat(100_000);
        var file = file("{\"%s\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}".formatted(name), 1f, 2f);
        assertThat(SafeTensors.read(file)).containsOnlyKeys(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"F4", "F6_E2M3", "F6_E3M2", "C64"})
    void dtypesOfTheFormatThatAreNotReadAreRefusedByName(String dtype) throws IOException {
        var file = file("{\"w\":{\"dtype\":\"%s\",\"shape\":[1],\"data_offsets\":[0,8]}}".formatted(dtype), 1f, 2f);
        assertThatThrownBy(() -> SafeTensors.read(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll("tensor w", "got \"%s\"".formatted(dtype), "convert it", "F8_E4M3FNUZ");
    }

    @Test
    void aNegativeViewIsWrittenByItsValues() {
        var file = folder.resolve("neg.safetensors");
        SafeTensors.write(file, Map.of("w", ones(2)._neg_view()), Map.of());
        assertThat(tensor(SafeTensors.read(file), "w").sum().item_float()).isEqualTo(-2f);
    }

    @Test
    void goldenFilesAreRead() {
        for (var golden : GoldenCases.of("i_checkpoints")) {
            var tensors = SafeTensors.read(golden.resolve("full_model_at_checkpoint.safetensors"));
            assertThat(tensors).isNotEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{'w':{'dtype':'F32','shape':[3],'data_offsets':[0,8]}}|needs 12 bytes",
                "{'w':{'dtype':'F32','shape':[3],'data_offsets':[0,12]}}|do not fit the 8 bytes",
                "{'w':{'dtype':'F99','shape':[2],'data_offsets':[0,8]}}|got \"F99\"",
                "{'w':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}}|expected a shape",
                "{'w':{'dtype':'F32','shape':[2.5],'data_offsets':[0,8]}}|expected a shape",
                "{'w':{'dtype':'F32','shape':[2],'data_offsets':[8,0]}}|do not fit",
                "{'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8,9]}}|expected a shape",
                "{'w':{'dtype':'F32','shape':[2]}}|expected a shape",
                "{'w':7}|expected a dtype",
                "{'w':{'dtype':'F32','shape':[4611686018427387904,4],'data_offsets':[0,8]}}|more than 2^63",
                "{'w':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}|expected the last tensor to end",
                "{'w':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}|there is a gap",
                "{'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},"
                        + "'v':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}|overlaps",
                "{'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},"
                        + "'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}|Duplicate",
                "{'w':|not valid JSON",
                "[1]|JSON object",
                "{} {}|not valid JSON",
            })
    void badHeadersSayWhatIsWrong(String header, String expected) throws IOException {
        var file = file(header.replace('\'', '"'), 1f, 2f);
        assertThatThrownBy(() -> SafeTensors.read(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(expected);
    }

    @Test
    void everyTruncationIsAnError() throws IOException {
        var whole = folder.resolve("whole.safetensors");
        SafeTensors.write(whole, Map.of("a", ones(3), "b", ones(4)), Map.of("k", "v"));
        var bytes = Files.readAllBytes(whole);
        var cut = folder.resolve("cut.safetensors");
        for (int length = 0; length < bytes.length; length++) {
            Files.write(cut, Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> SafeTensors.read(cut))
                    .as("%d of %d bytes", length, bytes.length)
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageStartingWith(cut.toString());
        }
    }

    @Test
    void flippedHeaderBytesAreErrorsOrOtherNames() throws IOException {
        var whole = folder.resolve("whole.safetensors");
        SafeTensors.write(whole, Map.of("a", ones(3), "b", ones(4)), Map.of("k", "v"));
        var bytes = Files.readAllBytes(whole);
        var random = new Random(7);
        var flipped = folder.resolve("flipped.safetensors");
        for (int trial = 0; trial < 500; trial++) {
            var changed = bytes.clone();
            changed[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            Files.write(flipped, changed);
            try {
                SafeTensors.read(flipped).values().forEach(t -> t.sum().close());
            } catch (CheckpointException e) {
                assertThat(e).as("trial %d of seed 7", trial).hasMessageStartingWith(flipped.toString());
            }
        }
    }

    @Test
    void aFailedWriteLeavesTheOldFileAndNothingElse() throws IOException {
        var file = folder.resolve("m.safetensors");
        SafeTensors.write(file, Map.of("w", ones(2)), Map.of());
        var before = Files.readAllBytes(file);
        assertThatThrownBy(() -> CheckpointFile.write(file, out -> {
                    AtomicFile.writeFully(out, ByteBuffer.allocate(100));
                    throw new IOException("No space left on device");
                }))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining("No space left on device");
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
        try (var entries = Files.list(folder)) {
            assertThat(entries).containsExactly(file);
        }
    }

    private static Tensor tensor(Map<String, Tensor> tensors, String name) {
        return Objects.requireNonNull(tensors.get(name), name);
    }

    private Path file(String header, float... data) throws IOException {
        var text = header.getBytes(StandardCharsets.UTF_8);
        var buffer = ByteBuffer.allocate(8 + text.length + 4 * data.length).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(text.length).put(text);
        for (float value : data) {
            buffer.putFloat(value);
        }
        return Files.write(folder.resolve("hand.safetensors"), buffer.array());
    }
}
