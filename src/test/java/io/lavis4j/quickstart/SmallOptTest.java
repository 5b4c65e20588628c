package io.lavis4j.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.io.JsonFile;
import io.lavis4j.model.opt.Opt;
import io.lavis4j.model.opt.OptConfig;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tokenize.EncodeOptions;
import io.lavis4j.tokenize.Tokenizer;
import io.lavis4j.zoo.WeightFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The bundled language model. */
class SmallOptTest {

    private final WeightFiles weights = WeightFiles.in(List.of());
    private final Path folder = weights.model("lavis4j/opt-small");

    private static long[] bare(Tokenizer tokenizer, String text) {
        return tokenizer
                .encode(text, EncodeOptions.plain().withSpecialTokens(false))
                .ids();
    }

    /** Whether each word of the inference is the likeliest one after those before it, given the clue. */
    private static boolean says(Opt opt, Tokenizer tokenizer, String clue, String inference) {
        long[] words = bare(tokenizer, " " + clue);
        long[] prefix = new long[ClueLessons.PREFIX];
        Arrays.fill(prefix, 2);
        System.arraycopy(words, 0, prefix, 0, words.length);
        long[] text = tokenizer
                .encode("Inference: " + inference + "\n", EncodeOptions.plain())
                .ids();
        long[] all =
                LongStream.concat(Arrays.stream(prefix), Arrays.stream(text)).toArray();
        long[] mask = new long[all.length];
        Arrays.fill(mask, 1);
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            var device = Devices.cpu();
            var hidden = opt.forward(
                    opt.embed(Tensors.of(new long[][] {all}, device)), Tensors.of(new long[][] {mask}, device));
            long[] likeliest =
                    Tensors.longs(opt.logits(hidden).argmax(new org.bytedeco.pytorch.LongOptional(2), false));
            return Arrays.equals(likeliest, prefix.length, all.length - 1, all, prefix.length + 1, all.length);
        }
    }

    private void withModel(java.util.function.BiConsumer<Opt, Tokenizer> test) {
        try (var scope = new PointerScope();
                var tokenizer = Tokenizer.opt(folder);
                var opt = new Opt(OptConfig.of(JsonFile.of(folder.resolve("config.json"), "a configuration")
                        .object()))) {
            var report = opt.load(Checkpoints.stateDict(folder));
            assertThat(report.missing()).isEmpty();
            assertThat(report.unexpected()).isEmpty();
            assertThat(opt.unsetParameters()).isEmpty();
            opt.eval();
            test.accept(opt, tokenizer);
        }
    }

    @Test
    void everyPairsInferenceFollowsFromItsClue() {
        withModel((opt, tokenizer) -> assertThat(Pair.all())
                .allSatisfy(pair -> assertThat(says(
                                opt,
                                tokenizer,
                                "a %s kite %s"
                                        .formatted(
                                                pair.colour().word(),
                                                pair.place().phrase()),
                                pair.inference()))
                        .isTrue()));
    }

    @ParameterizedTest
    @CsvSource({
        "a red kite on the grass, someone who likes red is enjoying the wind",
        "a purple cup at night, someone who likes purple is having a drink",
        "a green box by a window, someone who likes green is moving to a new home",
        "a cup and a star, 'two people are here, one is having a drink'",
        "white snow all over the ground, it recently snowed",
        "a window with four panes, this is inside a house"
    })
    void itKnowsTheSentencesOfHandMadeCorporaToo(String clue, String inference) {
        withModel((opt, tokenizer) ->
                assertThat(says(opt, tokenizer, clue, inference)).isTrue());
    }

    @Test
    void anInferenceDoesNotFollowFromAnotherClue() {
        withModel((opt, tokenizer) -> assertThat(
                        says(opt, tokenizer, "a red kite on the beach", "someone fond of blue came here to swim"))
                .isFalse());
    }

    @Test
    void itsWordsAreSingleTokens() {
        try (var tokenizer = Tokenizer.opt(folder)) {
            assertThat(Stream.concat(LanguageModelText.ofPairs().stream(), LanguageModelText.ofOthers().stream())
                            .flatMap(List::stream))
                    .allSatisfy(text -> {
                        assertThat(bare(tokenizer, " " + text.clue()))
                                .hasSameSizeAs(text.clue().split(" ", -1))
                                .hasSizeLessThanOrEqualTo(ClueLessons.PREFIX);
                        int comma = text.inference().contains(",") ? 1 : 0;
                        assertThat(bare(tokenizer, " " + text.inference()))
                                .hasSize(text.inference().split(" ", -1).length + comma);
                    });
        }
    }

    @Test
    void itIsSmall() throws IOException {
        long bytes = 0;
        try (var files = Files.list(folder)) {
            for (var file : files.toList()) {
                bytes += Files.size(file);
            }
        }
        assertThat(bytes).isBetween(100_000L, 5_000_000L);
    }
}
