package io.lavis4j.tokenize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerTest {

    private static final EncodeOptions PLAIN = EncodeOptions.plain();
    private static final DecodeOptions RAW = new DecodeOptions(false, false);

    @TempDir
    Path folder;

    @Test
    void missingFolderIsNamed() {
        Path missing = folder.resolve("opt-2.7b");
        assertThatThrownBy(() -> Tokenizer.opt(missing))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContainingAll(missing.toString(), "give the folder");
    }

    @Test
    void folderWithoutTokenizerSaysWhatIsThereAndWhatShouldBe() {
        write("config.json", "{}");
        assertThatThrownBy(() -> Tokenizer.opt(folder))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContainingAll(
                        folder.toString(), "[config.json]", "tokenizer.json", "vocab.json and merges.txt", "copy them");
        assertThatThrownBy(() -> Tokenizer.qformer(folder)).hasMessageContaining("or else vocab.txt");
    }

    @Test
    void brokenJsonIsNamedWithItsLine() {
        write("tokenizer.json", "{\n\"model\": ");
        assertThatThrownBy(() -> Tokenizer.opt(folder))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContainingAll("tokenizer.json, line 2", "ends in the middle", "whole");
        write("tokenizer.json", "[]");
        assertThatThrownBy(() -> Tokenizer.opt(folder))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContainingAll("tokenizer.json", "found '['", "expected a JSON object");
    }

    @Test
    void tokenizerOfAnotherModelIsRefused() {
        write("tokenizer.json", "{\"model\": {\"type\": \"Unigram\", \"vocab\": []}}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tokenizer.qformer(folder))
                .withMessageContainingAll("tokenizer.json", "WordPiece", "Unigram");
    }

    @Test
    void vocabularyWithoutNeededTokensIsRefused() {
        write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[MASK]\na\n");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tokenizer.qformer(folder))
                .withMessageContainingAll("vocab.txt", "[SEP]", "tokens");
        write("vocab.json", "{\"a\": 0, \"b\": 1}");
        write("merges.txt", "#version: 0.2\n");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tokenizer.opt(folder))
                .withMessageContainingAll("vocab.json", "among the 2 tokens");
    }

    @Test
    void brokenVocabularyFilesAreNamed() {
        writeOpt();
        write("merges.txt", "#version: 0.2\na b c\n");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tokenizer.opt(folder))
                .withMessageContainingAll("merges.txt line 2", "\"a b c\"");
        write("merges.txt", "#version: 0.2\nz q\n");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tokenizer.opt(folder))
                .withMessageContainingAll("vocab.json", "zq");
        write("vocab.json", "{\"<pad>\": 0, \"</s>\": \"one\"}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tokenizer.opt(folder))
                .withMessageContainingAll("vocab.json", "</s>", "\"one\"");
    }

    @Test
    void textGetsTheSpecialTokensOfItsModel() {
        try (var opt = opt();
                var bert = bert()) {
            assertThat(tokens(opt, "ab a\n", PLAIN)).containsExactly("</s>", "ab", "Ġa", "Ċ");
            assertThat(tokens(opt, "", PLAIN)).containsExactly("</s>");
            assertThat(tokens(opt, "  ", PLAIN)).containsExactly("</s>", "Ġ", "Ġ");
            assertThat(tokens(opt, "ab", PLAIN.withSpecialTokens(false))).containsExactly("ab");
            assertThat(tokens(bert, "A ab", PLAIN)).containsExactly("[CLS]", "a", "a", "##b", "[SEP]");
            assertThat(tokens(bert, " \n", PLAIN)).containsExactly("[CLS]", "[SEP]");
        }
    }

    @Test
    void specialTokensInTextAreFoundAndThoseKnownByNameAloneTakeTheSpaceAround() {
        writeOpt();
        write("special_tokens_map.json", "{\"bos_token\": \"</s>\", \"unk_token\": \"</s>\", \"eos_token\": \"</s>\"}");
        try (var opt = Tokenizer.opt(folder)) {
            assertThat(tokens(opt, "a </s>\u00a0\n <pad> a", PLAIN))
                    .containsExactly("</s>", "a", "</s>", "<pad>", "Ġa");
        }
        write(
                "special_tokens_map.json",
                "{\"unk_token\": {\"content\": \"</s>\", \"lstrip\": false, \"rstrip\": true}}");
        write("tokenizer_config.json", "{\"bos_token\": \"</s>\", \"eos_token\": \"<pad>\"}");
        try (var opt = Tokenizer.opt(folder)) {
            assertThat(opt.id(SpecialToken.EOS)).isEqualTo(opt.id(SpecialToken.PAD));
            assertThat(tokens(opt, "a <pad> a", PLAIN)).containsExactly("</s>", "a", "Ġ", "<pad>", "Ġa");
        }
    }

    @Test
    void addedTokensGetTheNextIdsAndStandAloneInDecodedText() {
        try (var bert = bert()) {
            assertThat(bert.token(SpecialToken.BOS)).isEqualTo("[DEC]");
            assertThat(bert.id(SpecialToken.BOS)).isEqualTo(bert.vocabSize() - 1);
            long[] ids = bert.encode("a[DEC]ab", PLAIN).ids();
            assertThat(bert.decode(ids, RAW)).isEqualTo("[CLS] a [DEC] ab [SEP]");
            assertThat(bert.decode(ids)).isEqualTo("a ab");
            assertThat(decodeTokens(bert, "a", "##b", "[DEC]", "##b")).isEqualTo("ab [DEC] ##b");
        }
        write("added_tokens.json", "{\"[NEW]\": 100}");
        try (var bert = Tokenizer.bert(folder, Map.of())) {
            assertThat(tokens(bert, "a[NEW]", PLAIN)).containsExactly("[CLS]", "a", "[NEW]", "[SEP]");
            assertThat(bert.has(SpecialToken.BOS)).isFalse();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> bert.id(SpecialToken.BOS))
                    .withMessageContaining("bos_token");
        }
    }

    @Test
    void truncationDropsTextAtItsSideAndKeepsTheSpecialTokensAround() {
        try (var bert = bert()) {
            assertThat(tokens(bert, "a b c", PLAIN.truncated(4, Side.RIGHT)))
                    .containsExactly("[CLS]", "a", "b", "[SEP]");
            assertThat(tokens(bert, "a b c", PLAIN.truncated(4, Side.LEFT)))
                    .containsExactly("[CLS]", "b", "c", "[SEP]");
            assertThat(tokens(bert, "a b c", PLAIN.truncated(2, Side.LEFT))).containsExactly("[CLS]", "[SEP]");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> bert.encode("a", PLAIN.truncated(1, Side.RIGHT)))
                    .withMessageContainingAll("at least 2", "got 1");
            assertThatIllegalArgumentException().isThrownBy(() -> PLAIN.truncated(0, Side.RIGHT));
        }
    }

    @Test
    void paddingFillsRowsAtItsSideAndNeverCutsThem() {
        try (var opt = opt()) {
            long pad = opt.id(SpecialToken.PAD);
            long bos = opt.id(SpecialToken.BOS);
            long a = opt.tokenToId("a").orElseThrow();
            var texts = List.of("a", "aa");

            var longest = opt.encode(texts, PLAIN.padded(new Padding.Longest(), Side.LEFT));
            assertThat(longest.ids()).isDeepEqualTo(new long[][] {{pad, bos, a}, {bos, a, a}});
            assertThat(longest.attentionMask()).isDeepEqualTo(new long[][] {{0, 1, 1}, {1, 1, 1}});
            assertThat(longest.padded()).isTrue();

            var fixed = opt.encode(texts, PLAIN.padded(new Padding.ToLength(2), Side.RIGHT));
            assertThat(fixed.ids()).isDeepEqualTo(new long[][] {{bos, a}, {bos, a, a}});

            var none = opt.encode(texts, PLAIN);
            assertThat(none.attentionMask()).isDeepEqualTo(new long[][] {{1, 1}, {1, 1, 1}});
            assertThat(none.padded()).isFalse();
            assertThat(opt.encode(List.of(), PLAIN).ids()).isEmpty();
        }
    }

    @Test
    void cleanUpRemovesSpacesBeforePunctuationAndContractions() {
        try (var opt = opt()) {
            long[] ids = opt.encode("a . b ! it 's , do n't ' x", PLAIN).ids();
            assertThat(opt.decode(ids)).isEqualTo("a. b! it's, don't'x");
            assertThat(opt.decode(ids, new DecodeOptions(true, false))).isEqualTo("a . b ! it 's , do n't ' x");
        }
        write("tokenizer_config.json", "{\"clean_up_tokenization_spaces\": false}");
        try (var opt = Tokenizer.opt(folder)) {
            assertThat(opt.decode(opt.encode("a .", PLAIN).ids())).isEqualTo("a .");
        }
    }

    @Test
    void bytesThatAreNoUtf8DecodeAsInTheReference() {
        try (var opt = opt()) {
            assertThat(decodeTokens(opt, "ð", "Ł", "ĺ", "Ģ")).isEqualTo("😀");
            assertThat(decodeTokens(opt, "ð", "Ł", "ĺ", "a")).isEqualTo("\ufffda");
            assertThat(decodeTokens(opt, "í", "ł", "Ģ")).isEqualTo("\ufffd\ufffd\ufffd");
        }
    }

    @Test
    void idsOutsideTheVocabularyAreRefused() {
        try (var opt = opt()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> opt.decode(new long[] {-100}))
                    .withMessageContaining("-100");
            assertThat(opt.tokenToId("nowhere")).isEmpty();
        }
    }

    @Test
    void charactersOutsideTheVocabularyBecomeTheUnknownToken() {
        write("vocab.json", "{\"<pad>\": 0, \"</s>\": 1, \"a\": 2}");
        write("merges.txt", "#version: 0.2\n");
        try (var opt = Tokenizer.opt(folder)) {
            assertThat(tokens(opt, "axa", PLAIN)).containsExactly("</s>", "a", "</s>", "a");
        }
    }

    @Test
    void prefixSpaceAndMissingBosComeFromTheConfig() {
        write("tokenizer_config.json", "{\"add_prefix_space\": true, \"add_bos_token\": false}");
        try (var opt = opt()) {
            assertThat(tokens(opt, "a<pad>a", PLAIN)).containsExactly("Ġa", "<pad>", "a");
        }
    }

    @Test
    void longTextIsNeverCutUnasked() {
        try (var opt = opt();
                var bert = bert()) {
            assertThat(opt.encode("ab ".repeat(20_000), PLAIN).ids()).hasSize(40_001);
            assertThat(bert.encode("a ".repeat(20_000), PLAIN).ids()).hasSize(20_002);
            assertThat(tokens(bert, "a".repeat(101), PLAIN)).containsExactly("[CLS]", "[UNK]", "[SEP]");
        }
    }

    @Test
    void threadsShareOneTokenizer() throws Exception {
        var texts = IntStream.range(0, 200).mapToObj(i -> "ab 😀 a</s>" + i).toList();
        var threads = Executors.newFixedThreadPool(4);
        try (var opt = opt()) {
            var options = PLAIN.padded(new Padding.Longest(), Side.LEFT);
            long[][] alone = opt.encode(texts, options).ids();
            Callable<long[][]> task = () -> opt.encode(texts, options).ids();
            for (var result : threads.invokeAll(List.of(task, task, task, task))) {
                assertThat(result.get()).isDeepEqualTo(alone);
            }
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void loadingLeavesTheLibrarysNetworkSettingAsItWas() {
        String before = System.getProperty("ai.djl.offline");
        opt().close();
        assertThat(System.getProperty("ai.djl.offline")).isEqualTo(before);
    }

    @Test
    void closedTokenizerRefusesToEncode() {
        var opt = opt();
        opt.close();
        opt.close();
        assertThatThrownBy(() -> opt.encode("a", PLAIN)).isInstanceOf(IllegalStateException.class);
    }

    private static List<String> tokens(Tokenizer tokenizer, String text, EncodeOptions options) {
        return tokenizer.convertIdsToTokens(tokenizer.encode(text, options).ids());
    }

    private static String decodeTokens(Tokenizer tokenizer, String... tokens) {
        return tokenizer.decode(
                List.of(tokens).stream()
                        .mapToLong(t -> tokenizer.tokenToId(t).orElseThrow())
                        .toArray(),
                RAW);
    }

    private Tokenizer opt() {
        writeOpt();
        return Tokenizer.opt(folder);
    }

    /** All 256 byte characters, {@code ab} and a with a space before it. */
    private void writeOpt() {
        var tokens = IntStream.rangeClosed('!', 323)
                .filter(c -> c < 127 || c > 160)
                .filter(c -> c != 0xAD)
                .mapToObj(Character::toString)
                .collect(Collectors.toList());
        tokens.addAll(0, List.of("<s>", "<pad>", "</s>", "<unk>"));
        tokens.addAll(List.of("ab", "Ġa"));
        var ids = new LinkedHashMap<String, Integer>();
        tokens.forEach(token -> ids.put(token, ids.size()));
        write("vocab.json", new ObjectMapper().valueToTree(ids).toString());
        write("merges.txt", "#version: 0.2\na b\nĠ a\n");
    }

    private Tokenizer bert() {
        write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc\n##b\n");
        return Tokenizer.qformer(folder);
    }

    private void write(String name, String content) {
        try {
            Files.writeString(folder.resolve(name), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
