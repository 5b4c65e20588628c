package io.lavis4j.tokenize;

import static io.lavis4j.tokenize.SentencePieceBytes.BPE;
import static io.lavis4j.tokenize.SentencePieceBytes.BYTE;
import static io.lavis4j.tokenize.SentencePieceBytes.CONTROL;
import static io.lavis4j.tokenize.SentencePieceBytes.UNIGRAM;
import static io.lavis4j.tokenize.SentencePieceBytes.USER_DEFINED;
import static io.lavis4j.tokenize.SentencePieceBytes.llama;
import static io.lavis4j.tokenize.SentencePieceBytes.t5;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lavis4j.golden.GoldenCases;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SentencePieceModelTest {

    @TempDir
    Path folder;

    @Test
    void emptyCutAndForeignFilesAreRefusedByName() {
        byte[] whole = t5("▁", "a").toBytes();
        for (int length = 0; length < whole.length; length++) {
            refusesT5(Arrays.copyOf(whole, length), "copy it from the checkpoint again");
        }
        refusesT5(new byte[0], "got 0 pieces without settings");
        refusesT5("0123456789".getBytes(StandardCharsets.UTF_8), "at byte 2");
        refusesT5("version https://git-lfs.github.com/spec/v1\n".getBytes(StandardCharsets.UTF_8), "wire type");
        var random = new byte[100_000];
        new Random(1).nextBytes(random);
        refusesT5(random, "damaged or not a SentencePiece model", "at byte");
        refusesLlama(random, "damaged or not a SentencePiece model", "at byte");
    }

    @Test
    void lengthsAndNumbersThatCannotBeAreRefusedBeforeAnythingIsAllocated() {
        refusesT5(t5().raw(0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x07).toBytes(), "2147483647 bytes in field 1", "got 0");
        refusesT5(
                t5().raw(0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1)
                        .toBytes(),
                "18446744073709551615 bytes");
        refusesT5(
                t5().raw(0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1)
                        .toBytes(),
                "at most 10 bytes");
        refusesT5(t5().raw(0x0D, 1, 2).toBytes(), "expected 4 bytes");
        refusesT5(t5().raw(0x0B).toBytes(), "wire type 0, 1, 2 or 5, got 3");
        refusesT5(t5().raw(0x02, 0).toBytes(), "number of a field, got 0");
        refusesT5(t5().number(1, 5).toBytes(), "field 1 of wire type 2, got type 0");
    }

    @Test
    void fileOfTheModelsWeightsIsNotRead() throws IOException {
        try (var file = new RandomAccessFile(folder.resolve("spiece.model").toFile(), "rw")) {
            file.setLength(1 << 25);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tokenizer.t5(folder))
                .withMessageContainingAll("spiece.model", "16777216", "33554432", "weights");
    }

    @Test
    void modelOfAnotherAlgorithmIsRefused() {
        refusesLlama(t5("▁", "a").toBytes(), "type BPE", "got UNIGRAM of 5 pieces", "another model's tokenizer");
        refusesT5(llama("▁").llamaSettings().toBytes(), "type UNIGRAM", "got BPE of 260 pieces");
        refusesT5(t5().message(2, new SentencePieceBytes().number(3, 7)).toBytes(), "type of model from 1 to 4, got 7");
    }

    @Test
    void modelWithFewerPiecesThanItDeclaresIsRefused() {
        var declared = new SentencePieceBytes().number(3, UNIGRAM).number(4, 32000);
        refusesT5(t5("a").message(2, declared).toBytes(), "at least 32000 pieces", "got 4 pieces");
        write(
                "spiece.model",
                t5("▁", "a").message(2, new SentencePieceBytes().number(4, 3)).toBytes());
        try (var extended = Tokenizer.t5(folder)) {
            assertThat(extended.vocabSize()).isEqualTo(105);
        }
    }

    @Test
    void piecesThatCannotBeAreRefused() {
        refusesT5(t5("a", "a").toBytes(), "each piece once", "\"a\" as piece 3 and as piece 4");
        refusesT5(t5("").toBytes(), "piece 3", "got 0 characters");
        refusesT5(t5("a".repeat(257)).toBytes(), "piece 3", "got 257 characters");
        refusesT5(t5().piece("a", Float.NaN).toBytes(), "piece 3", "finite score", "NaN");
        refusesT5(t5().piece("a", 0, 9).toBytes(), "kind of piece from 1 to 6, got 9");
        refusesT5(t5().piece("a", 0, 2).toBytes(), "one piece for unknown text, got 2");
        refusesT5(
                t5().message(1, new SentencePieceBytes().bytes(1, new byte[] {(byte) 0xFF}))
                        .toBytes(),
                "expected UTF-8 text");
        refusesLlama(llama("▁").piece("<0x>", 0, BYTE).llamaSettings().toBytes(), "256 pieces for bytes, got 257");
    }

    @Test
    void modelThatTreatsTextUnlikeLlamaIsRefused() {
        refusesLlama(
                llama("▁").message(2, new SentencePieceBytes().number(3, BPE)).toBytes(), "LLaMA's normalization");
        refusesLlama(
                llama("▁").piece("<x>", 0, USER_DEFINED).llamaSettings().toBytes(), "\"<x>\", which is USER_DEFINED");
    }

    @Test
    void tokensThatTheModelNeedsAreNamedWhereItLacksThem() {
        refusesLlama(
                new SentencePieceBytes()
                        .piece("<unk>", 0, 2)
                        .piece("<s>", 0, CONTROL)
                        .message(2, new SentencePieceBytes().number(3, BPE))
                        .message(3, new SentencePieceBytes().number(4, 0))
                        .toBytes(),
                "special token </s> among the 2 tokens");
    }

    @Test
    void numberOfSentinelsIsChecked() {
        write("spiece.model", t5("▁").toBytes());
        write("tokenizer_config.json", "{\"extra_ids\": 1000000000}".getBytes(StandardCharsets.UTF_8));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tokenizer.t5(folder))
                .withMessageContainingAll("tokenizer_config.json", "extra_ids", "1000000000");
    }

    /** The native library would end the process. */
    @Test
    void damagedMapsOfCharactersAreRefused() throws IOException {
        Path golden = GoldenCases.of("j_tokenizers").get(0).resolve("t5");
        JsonNode pipeline =
                new ObjectMapper().readTree(golden.resolve("tokenizer.json").toFile());
        byte[] map = pipeline.findValue("precompiled_charsmap").binaryValue();
        refusesMap(new byte[0], "size in bytes is 0");
        refusesMap(new byte[3], "size in bytes is 3");
        refusesMap(new byte[] {-1, -1, -1, -1}, "trie in bytes is -1");
        refusesMap(new byte[] {0, 4, 0, 0, 1}, "trie in bytes is 1024");
        refusesMap(Arrays.copyOf(map, 1000), "trie in bytes is");
        byte[] outside = map.clone();
        Arrays.fill(outside, 4, 8, (byte) 0xFF);
        refusesMap(outside, "leads outside");
        int cut = map.length - 6000;
        while (map[cut - 1] != 0) {
            cut--;
        }
        refusesMap(Arrays.copyOf(map, cut), "leads to no text");
        byte[] noText = map.clone();
        noText[map.length - 2] = (byte) 0xFF;
        refusesMap(noText, "not UTF-8");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CharacterMap.check(new ObjectMapper().readTree("5"), Path.of("tokenizer.json")))
                .withMessageContaining("size in bytes is 0");
        CharacterMap.check(pipeline.findValue("precompiled_charsmap"), Path.of("tokenizer.json"));
    }

    /** Half a second of mutations at most; whatever they are, the file is read or named. */
    @Test
    void mutatedFilesAreReadOrNamed() throws IOException {
        long seed = 20230131;
        var random = new Random(seed);
        byte[] llama = Files.readAllBytes(GoldenCases.of("j_tokenizers").get(0).resolve("llama/tokenizer.model"));
        Path file = folder.resolve("tokenizer.model");
        int refused = 0;
        long end = System.nanoTime() + 500_000_000L;
        for (int i = 0; i < 1000 && System.nanoTime() < end; i++) {
            byte[] mutated = Arrays.copyOf(llama, random.nextInt(4) == 0 ? random.nextInt(llama.length) : llama.length);
            for (int change = random.nextInt(8); change >= 0 && mutated.length > 0; change--) {
                mutated[random.nextInt(mutated.length)] = (byte) random.nextInt();
            }
            write("tokenizer.model", mutated);
            try {
                var model = new SentencePieceModel(file, SentencePieceModel.Algorithm.BPE);
                assertThat(model.pieces()).isNotEmpty();
            } catch (IllegalArgumentException e) {
                assertThat(e).as("seed %d, file %d", seed, i).hasMessageContaining(file.toString());
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }

    private static void refusesMap(byte[] map, String... parts) {
        var json =
                new ObjectMapper().getNodeFactory().textNode(Base64.getEncoder().encodeToString(map));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CharacterMap.check(json, Path.of("tokenizer.json")))
                .withMessageContainingAll("tokenizer.json", "fetch the tokenizer files")
                .withMessageContainingAll(parts);
    }

    private void refusesT5(byte[] model, String... parts) {
        write("spiece.model", model);
        assertThatThrownBy(() -> Tokenizer.t5(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(folder.resolve("spiece.model").toString())
                .hasMessageContainingAll(parts);
    }

    private void refusesLlama(byte[] model, String... parts) {
        write("tokenizer.model", model);
        assertThatThrownBy(() -> Tokenizer.llama(folder, Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(folder.resolve("tokenizer.model").toString())
                .hasMessageContainingAll(parts);
    }

    private void write(String name, byte[] content) {
        try {
            Files.write(folder.resolve(name), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
