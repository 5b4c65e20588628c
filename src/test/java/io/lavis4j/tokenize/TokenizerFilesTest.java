package io.lavis4j.tokenize;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lavis4j.golden.GoldenCases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenizerFilesTest {

    private static final List<String> TEXTS = List.of(
            "a photo of a dog",
            "Question: what is it? Answer:",
            "  two  spaces, and a line\nbreak ",
            "don't 23,456 Straße 東京 😀",
            "");

    @TempDir
    private Path root = Path.of("");

    private static Path golden(String name) {
        return GoldenCases.of("j_tokenizers").get(0).resolve(name);
    }

    private static Function<Path, Tokenizer> factory(String name) {
        return switch (name) {
            case "opt" -> Tokenizer::opt;
            case "t5" -> Tokenizer::t5;
            case "bert" -> Tokenizer::qformer;
            default -> Tokenizer::vicuna;
        };
    }

    /** The folder of a case, without {@code tokenizer.json} if it is to be made of the older files. */
    private Path source(String name, boolean alone) throws IOException {
        var folder = Files.createDirectory(root.resolve("source"));
        try (var files = Files.list(golden(name))) {
            for (var file : files.toList()) {
                String own = file.getFileName().toString();
                if (!own.equals("expected.json") && !(alone && own.equals("tokenizer.json"))) {
                    Files.copy(file, folder.resolve(own));
                }
            }
        }
        return folder;
    }

    private Path written(Tokenizer tokenizer, Side side) throws IOException {
        var folder = Files.createDirectory(root.resolve("written"));
        TokenizerFiles.write(tokenizer, List.of("<image>"), side, folder);
        return folder;
    }

    @ParameterizedTest
    @CsvSource({
        "opt, false",
        "opt, true",
        "t5, false",
        "t5, true",
        "llama, false",
        "llama, true",
        "bert, false",
        "bert, true"
    })
    void whatIsWrittenIsTheSameTokenizerWithOneTokenMore(String name, boolean alone) throws IOException {
        var open = factory(name);
        try (var tokenizer = open.apply(source(name, alone));
                var again = open.apply(written(tokenizer, Side.LEFT))) {
            assertThat(again.tokenToId("<image>")).hasValue(tokenizer.vocabSize());
            assertThat(again.vocabSize()).isEqualTo(tokenizer.vocabSize() + 1);
            assertThat(again.cleansUpSpaces()).isEqualTo(tokenizer.cleansUpSpaces());
            for (var role : SpecialToken.values()) {
                assertThat(again.has(role)).as(role.key()).isEqualTo(tokenizer.has(role));
                if (tokenizer.has(role)) {
                    assertThat(again.id(role)).as(role.key()).isEqualTo(tokenizer.id(role));
                }
            }
            for (String text : TEXTS) {
                long[] ids = tokenizer.encode(text, EncodeOptions.plain()).ids();
                assertThat(again.encode(text, EncodeOptions.plain()).ids())
                        .as(text)
                        .isEqualTo(ids);
                assertThat(again.decode(ids)).as(text).isEqualTo(tokenizer.decode(ids));
            }
            long[] image = again.encode("<image><image>", EncodeOptions.plain().withSpecialTokens(false))
                    .ids();
            assertThat(image).containsExactly(tokenizer.vocabSize(), tokenizer.vocabSize());
        }
    }

    @Test
    void theTokensAroundATextAreInTheFile() throws IOException {
        try (var tokenizer = Tokenizer.vicuna(golden("llama"))) {
            var folder = written(tokenizer, Side.LEFT);
            var json = json(folder.resolve("tokenizer.json"));
            assertThat(json.at("/post_processor/single/0/SpecialToken/id").asText())
                    .isEqualTo("</s>");
            assertThat(json.at("/post_processor/special_tokens")
                            .path("</s>")
                            .path("ids")
                            .get(0)
                            .asInt())
                    .isEqualTo(2);
            assertThat(json.path("added_tokens").findValuesAsText("content")).contains("[PAD]", "<image>");
            var config = json(folder.resolve("tokenizer_config.json"));
            assertThat(config.path("pad_token").asText()).isEqualTo("[PAD]");
            assertThat(config.path("padding_side").asText()).isEqualTo("left");
            assertThat(config.path("tokenizer_class").asText()).isEqualTo("PreTrainedTokenizerFast");
        }
    }

    private static JsonNode json(Path file) throws IOException {
        return new ObjectMapper().readTree(file.toFile());
    }
}
