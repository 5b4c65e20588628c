package io.lavis4j.tokenize;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BpeTrainerTest {

    private static final List<String> TEXTS =
            List.of(" a red kite on the beach", "Inference: someone likes red, someone swims\n", " a réd kite");

    @TempDir
    Path folder;

    private static EncodeOptions bare() {
        return EncodeOptions.plain().withSpecialTokens(false);
    }

    @Test
    void everyWordOfTheTextsIsOneToken() {
        int size = BpeTrainer.train(TEXTS, folder);
        try (var tokenizer = Tokenizer.opt(folder)) {
            assertThat(tokenizer.vocabSize()).isEqualTo(size);
            assertThat(tokenizer.encode(TEXTS.get(0), bare()).ids()).hasSize(6);
            assertThat(tokenizer.encode(TEXTS.get(1), bare()).ids()).hasSize(9);
            assertThat(tokenizer.encode(" réd", bare()).ids()).hasSize(1);
        }
    }

    @Test
    void anyOtherTextIsEncodedThroughItsBytes() {
        BpeTrainer.train(TEXTS, folder);
        try (var tokenizer = Tokenizer.opt(folder)) {
            for (String text :
                    List.of("寿司 is for lunch", "“café” – très chic", "\t\u0000\u00ad~ 7 🙂", "Redder kites")) {
                assertThat(tokenizer.decode(tokenizer.encode(text, bare()).ids(), new DecodeOptions(true, false)))
                        .isEqualTo(text);
            }
        }
    }

    @Test
    void specialTokensAreThoseOfOpt() {
        BpeTrainer.train(TEXTS, folder);
        try (var tokenizer = Tokenizer.opt(folder)) {
            assertThat(tokenizer.id(SpecialToken.PAD)).isEqualTo(1);
            assertThat(List.of(SpecialToken.BOS, SpecialToken.EOS, SpecialToken.UNK))
                    .allSatisfy(role -> assertThat(tokenizer.id(role)).isEqualTo(2));
            assertThat(tokenizer.tokenToId("<s>")).hasValue(0);
            assertThat(tokenizer.tokenToId("<unk>")).hasValue(3);
            assertThat(tokenizer.tokenToId("!")).hasValue(4);
            assertThat(tokenizer.encode("\n", EncodeOptions.plain()).ids())
                    .startsWith(2)
                    .hasSize(2);
        }
    }

    @Test
    void equalTextsGiveEqualFiles(@TempDir Path other) throws IOException {
        BpeTrainer.train(TEXTS, folder);
        BpeTrainer.train(TEXTS, other);
        for (String file : List.of("vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json")) {
            assertThat(other.resolve(file)).hasSameBinaryContentAs(folder.resolve(file));
        }
        assertThat(Files.readAllLines(folder.resolve("merges.txt"))).startsWith("#version: 0.2");
    }
}
