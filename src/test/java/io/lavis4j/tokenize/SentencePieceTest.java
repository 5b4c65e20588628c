package io.lavis4j.tokenize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tokenizers of T5 and LLaMA from small models of SentencePiece. */
class SentencePieceTest {

    private static final EncodeOptions PLAIN = EncodeOptions.plain();
    private static final DecodeOptions RAW = new DecodeOptions(false, false);

    @TempDir
    Path folder;

    @Test
    void folderWithoutTokenizerSaysWhichFilesMakeOne() {
        assertThatThrownBy(() -> Tokenizer.t5(folder)).hasMessageContainingAll("tokenizer.json", "spiece.model");
        assertThatThrownBy(() -> Tokenizer.vicuna(folder)).hasMessageContainingAll("tokenizer.json", "tokenizer.model");
    }

    @Test
    void pairsAreMergedInTheOrderOfScoresAndEqualOnesInTheOrderOfIds() {
        try (var llama = llama("▁", "a", "b", "c", "bc", "ab")) {
            assertThat(tokens(llama, "abc")).containsExactly("<s>", "▁", "a", "bc");
        }
        write(
                "tokenizer.model",
                SentencePieceBytes.llama("▁", "a", "b", "c")
                        .piece("ab", 0)
                        .piece("bc", -0f)
                        .llamaSettings());
        try (var llama = Tokenizer.llama(folder, Map.of())) {
            assertThat(tokens(llama, "abc")).containsExactly("<s>", "▁", "ab", "c");
        }
    }

    @Test
    void everyStretchOfTextStartsWithASpaceUnlessLegacyIsOff() {
        try (var llama = llama("▁", "a", "b", "▁a", "▁b")) {
            assertThat(tokens(llama, "a  b")).containsExactly("<s>", "▁a", "▁", "▁b");
            assertThat(tokens(llama, "a</s> b")).containsExactly("<s>", "▁a", "</s>", "▁", "▁b");
            assertThat(tokens(llama, " ")).containsExactly("<s>", "▁", "▁");
            assertThat(tokens(llama, "")).containsExactly("<s>");
        }
        write("tokenizer_config.json", "{\"legacy\": false, \"add_bos_token\": false, \"add_eos_token\": true}");
        try (var llama = Tokenizer.llama(folder, Map.of())) {
            assertThat(tokens(llama, "a</s>b")).containsExactly("▁a", "</s>", "b", "</s>");
            assertThat(tokens(llama, "</s>b")).containsExactly("</s>", "b", "</s>");
            assertThat(llama.decode(ids(llama, "</s>", "b", "</s>"), RAW)).isEqualTo("</s>b</s>");
        }
    }

    @Test
    void charactersOutsideTheVocabularyBecomeTheirBytesAndBack() {
        try (var llama = llama("▁", "a")) {
            assertThat(tokens(llama, "é")).containsExactly("<s>", "▁", "<0xC3>", "<0xA9>");
            for (String text : List.of("aé\n😀", "a  a", "\ud800\udc00", "\u0000")) {
                assertThat(llama.decode(llama.encode(text, PLAIN).ids())).isEqualTo(text);
            }
            assertThat(llama.decode(
                            ids(llama, "<0xF0>", "<0x9F>", "<0x98>", "a", "<0xED>", "<0xA0>", "<0x80>", "<0x41>")))
                    .isEqualTo("\ufffd\ufffd\ufffda\ufffd\ufffd\ufffdA");
        }
    }

    @Test
    void decodingTakesAwayTheFirstSpaceAndWritesControlTokensAsNothing() {
        try (var llama = llama("▁", "a", "▁a", "▁▁")) {
            assertThat(llama.decode(ids(llama, "<s>", "▁a", "▁a"))).isEqualTo("a a");
            assertThat(llama.decode(ids(llama, "▁a", "</s>", "▁a", "</s>", "</s>"), RAW))
                    .isEqualTo(" a</s> a</s></s>");
            assertThat(llama.decode(ids(llama, "▁▁", "▁a"))).isEqualTo(" a");
            assertThat(llama.decode(new long[0])).isEmpty();
        }
        try (var vicuna = Tokenizer.vicuna(folder)) {
            assertThat(vicuna.decode(ids(vicuna, "<s>", "▁a", "<unk>", "a", "</s>", "[PAD]"), RAW))
                    .isEqualTo(" a ⁇ a</s> [PAD]");
        }
    }

    @Test
    void vicunaHasOnePaddingTokenMoreAndEndOfSentenceInAllOtherRoles() {
        try (var llama = llama("▁", "a");
                var vicuna = Tokenizer.vicuna(folder)) {
            assertThat(llama.has(SpecialToken.PAD)).isFalse();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> llama.encode(List.of("a", ""), PLAIN.padded(new Padding.Longest(), Side.LEFT)))
                    .withMessageContaining("pad_token");
            assertThat(vicuna.vocabSize()).isEqualTo(llama.vocabSize() + 1);
            assertThat(vicuna.id(SpecialToken.PAD)).isEqualTo(llama.vocabSize());
            assertThat(Stream.of(SpecialToken.BOS, SpecialToken.EOS, SpecialToken.UNK)
                            .map(vicuna::id))
                    .containsOnly(2L);
            assertThat(tokens(vicuna, "a <s>\n</s> a<unk>"))
                    .containsExactly("</s>", "▁", "a", "<s>", "</s>", "▁", "a", "<unk>");
            assertThat(tokens(vicuna, "a", PLAIN.truncated(2, Side.LEFT))).containsExactly("</s>", "a");
        }
    }

    @Test
    void roleThatIsRegisteredLeavesItsFormerTokenInTextButNotSpecial() {
        try (var llama = llama("▁", "a")) {
            assertThat(llama.decode(ids(llama, "<s>", "a"), RAW)).isEqualTo("<s>a");
        }
        try (var llama = Tokenizer.llama(folder, Map.of(SpecialToken.BOS, "</s>"))) {
            assertThat(tokens(llama, "<s> a </s>")).containsExactly("</s>", "<s>", "▁", "a", "▁", "</s>");
            assertThat(llama.decode(ids(llama, "<s>", "a"), RAW)).isEqualTo("a");
        }
    }

    @Test
    void t5CutsIntoTheMostProbablePiecesAndEndsWithEndOfSentence() {
        try (var t5 = t5Of("▁a", "▁", "ab", "a", "b")) {
            assertThat(tokens(t5, "ab  b")).containsExactly("▁", "ab", "▁", "b", "</s>");
            assertThat(tokens(t5, "axya")).containsExactly("▁a", "<unk>", "a", "</s>");
            assertThat(tokens(t5, "a b", PLAIN.truncated(2, Side.RIGHT))).containsExactly("▁a", "</s>");
            assertThat(tokens(t5, "a ab", PLAIN.truncated(2, Side.LEFT))).containsExactly("ab", "</s>");
            assertThat(tokens(t5, "")).containsExactly("</s>");
        }
    }

    @Test
    void sentinelsFollowThePiecesAndKeepTheSpacesAround() {
        try (var t5 = t5Of("▁a", "▁", "a")) {
            assertThat(t5.vocabSize()).isEqualTo(106);
            assertThat(t5.tokenToId("<extra_id_99>")).hasValue(6);
            assertThat(t5.tokenToId("<extra_id_0>")).hasValue(105);
            assertThat(tokens(t5, "a <extra_id_0> a<extra_id_99>a"))
                    .containsExactly("▁a", "▁", "<extra_id_0>", "▁a", "<extra_id_99>", "▁a", "</s>");
            long[] ids = ids(t5, "▁a", "<extra_id_0>", "▁a", "</s>");
            assertThat(t5.decode(ids, RAW)).isEqualTo("a<extra_id_0> a</s>");
            assertThat(t5.decode(ids)).isEqualTo("a a");
        }
        write("tokenizer_config.json", "{\"extra_ids\": 0}");
        try (var t5 = Tokenizer.t5(folder)) {
            assertThat(t5.vocabSize()).isEqualTo(6);
        }
    }

    @Test
    void idsThatT5sModelHasBeyondItsTokensAreLeftOutOfText() {
        try (var t5 = t5Of("▁", "a")) {
            int size = t5.vocabSize();
            assertThat(t5.decode(new long[] {4, size, 4, size + 27})).isEqualTo("aa");
            assertThat(t5.decode(new long[] {size})).isEmpty();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> t5.decode(new long[] {-100}))
                    .withMessageContaining("-100");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> t5.convertIdsToTokens(new long[] {size}))
                    .withMessageContaining(String.valueOf(size));
        }
    }

    @Test
    void listedTokensTakeTheSpacesThatTheirFileSaysUnlessTheyHaveARole() {
        writeT5Json("null", "[\"a\", -2]");
        try (var t5 = Tokenizer.t5(folder)) {
            assertThat(tokens(t5, "a <x> a </s>")).containsExactly("▁", "a", "<x>", "▁", "a", "▁", "</s>", "</s>");
            assertThat(t5.decode(ids(t5, "▁", "a", "<x>", "▁", "a"))).isEqualTo("a<x> a");
        }
    }

    @Test
    void damagedTokenizerJsonOfT5IsNamed() {
        writeT5Json("null", "\"a\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tokenizer.t5(folder))
                .withMessageContainingAll("tokenizer.json", "a token and its score as entry 4", "got \"a\"");
        writeT5Json("{\"type\": \"Precompiled\", \"precompiled_charsmap\": \"AAAA\"}", "[\"a\", -2]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tokenizer.t5(folder))
                .withMessageContainingAll("tokenizer.json", "map of characters");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tokenizer.llama(folder, Map.of()))
                .withMessageContainingAll("tokenizer.json", "type BPE", "got type Unigram");
    }

    /** T5's {@code tokenizer.json} with the pieces {@code ▁} and {@code lastPiece}, and a token that takes spaces. */
    private void writeT5Json(String normalizer, String lastPiece) {
        write("tokenizer_config.json", "{\"extra_ids\": 0}");
        write("tokenizer.json", """
                {"normalizer": %s,
                 "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "add_prefix_space": true},
                 "model": {"type": "Unigram", "unk_id": 2,
                           "vocab": [["<pad>", 0], ["</s>", 0], ["<unk>", 0], ["▁", -1], %s]},
                 "added_tokens": [{"id": 1, "content": "</s>", "lstrip": true, "rstrip": true, "special": true},
                                  {"id": 5, "content": "<x>", "lstrip": true, "rstrip": false, "special": false}]}
                """.formatted(normalizer, lastPiece));
    }

    private Tokenizer llama(String... pieces) {
        write("tokenizer.model", SentencePieceBytes.llama(pieces).llamaSettings());
        return Tokenizer.llama(folder, Map.of());
    }

    private Tokenizer t5Of(String... pieces) {
        write("spiece.model", SentencePieceBytes.t5(pieces));
        return Tokenizer.t5(folder);
    }

    private static List<String> tokens(Tokenizer tokenizer, String text) {
        return tokens(tokenizer, text, PLAIN);
    }

    private static List<String> tokens(Tokenizer tokenizer, String text, EncodeOptions options) {
        return tokenizer.convertIdsToTokens(tokenizer.encode(text, options).ids());
    }

    private static long[] ids(Tokenizer tokenizer, String... tokens) {
        return Arrays.stream(tokens)
                .mapToLong(token -> tokenizer.tokenToId(token).orElseThrow())
                .toArray();
    }

    private void write(String name, SentencePieceBytes model) {
        write(name, model.toBytes());
    }

    private void write(String name, String content) {
        write(name, content.getBytes(StandardCharsets.UTF_8));
    }

    private void write(String name, byte[] content) {
        try {
            Files.write(folder.resolve(name), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
