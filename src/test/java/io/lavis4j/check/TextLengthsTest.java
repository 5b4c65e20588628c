package io.lavis4j.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.config.Configuration;
import io.lavis4j.dataset.SampleTexts;
import io.lavis4j.zoo.ModelType;
import io.lavis4j.zoo.ModelZoo;
import io.lavis4j.zoo.TextLimit;
import io.lavis4j.zoo.WeightFiles;
import java.io.UncheckedIOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Texts measured with the tokenizers of the small models, which come with the library. */
class TextLengthsTest {

    private static final SampleTexts CAPTION = SampleTexts.of("a", "a red ball");
    private static final SampleTexts ANSWERED = CAPTION.withTextOutputs(List.of("red"));

    private static ModelType<?> small(String architecture) {
        return new ModelZoo().get(architecture).type("small");
    }

    @ParameterizedTest
    @CsvSource({
        "blip2, max_txt_len, ''",
        "blip2_opt, max_txt_len, ''",
        "blip2_t5, max_txt_len, max_txt_len",
        "blip2_t5_instruct, max_txt_len, max_output_txt_len",
        "blip2_vicuna_instruct, max_txt_len, max_output_txt_len"
    })
    void aModelsLimitsAreThoseOfItsKeys(String architecture, String input, String output) {
        var type = small(architecture);
        var section = Configuration.model(architecture, "small").section("model");
        assertThat(type.textLimits()).hasSize(output.isEmpty() ? 1 : 2).allSatisfy(limit -> {
            assertThat(limit.key()).isEqualTo(limit.isOutput() ? output : input);
            assertThat(limit.tokens()).isEqualTo(section.integer(limit.key(), limit.tokens()));
        });
        try (var lengths = TextLengths.of(type, WeightFiles.in(List.of()))) {
            int[] tokens = lengths.measure(ANSWERED);
            assertThat(tokens).hasSize(type.textLimits().size());
            assertThat(tokens[0]).as("three words and what is around them").isGreaterThan(3);
        }
    }

    @Test
    void endsCount() {
        try (var lengths = TextLengths.of(small("blip2_opt"), WeightFiles.in(List.of()))) {
            int[] one = lengths.measure(SampleTexts.of("a", "a"));
            assertThat(one).as("the token at the start, a word, the line break").containsExactly(3);
        }
    }

    @Test
    void aCaptionIsTheAnswerWhereAnswersAreLearned() {
        try (var lengths = TextLengths.of(small("blip2_t5"), WeightFiles.in(List.of()))) {
            int[] caption = lengths.measure(CAPTION), answered = lengths.measure(ANSWERED);
            assertThat(caption[1]).as("text_output").isEqualTo(answered[0]);
            var sums = lengths.new Sums();
            sums.add(caption);
            assertThat(sums.summaries()).extracting(TextSummary::text).containsExactly("text_output");
        }
    }

    @Test
    void whatIsLongerThanALimitIsCut() {
        var type = small("blip2_opt");
        int most = type.textLimits().get(0).tokens();
        try (var lengths = TextLengths.of(type, WeightFiles.in(List.of()))) {
            var sums = lengths.new Sums();
            assertThat(sums.add(new int[] {most})).isNull();
            assertThat(sums.add(new int[] {most + 2}))
                    .extracting(TextLimit::key)
                    .isEqualTo("max_txt_len");
            assertThat(sums.summaries())
                    .containsExactly(new TextSummary("text_input", "max_txt_len", most, 2, most + 1, most + 2, 1));
        }
    }

    @Test
    void aTokenizerThatIsNowhereIsNamed() {
        var type = new ModelZoo().get("blip2_vicuna_instruct").type("vicuna7b");
        assertThatThrownBy(() -> TextLengths.of(type, WeightFiles.in(List.of())))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(type.textLimits().get(0).reference());
    }
}
