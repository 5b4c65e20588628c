package io.lavis4j.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Section;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextPartsTest {

    private static final TextParts PARTS = new TextParts(List.of("Clue", "Inference"));

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a wet dog Inference: it rains             | a wet dog | it rains
            Clue: a wet dog Inference: it rains       | a wet dog | it rains
            clue: a wet dog, inference : it: rains    | a wet dog, | it: rains
            a wet dog                                 | a wet dog | ''
            Inference: it rains                       | ''        | it rains
            a dog Inference: rain Inference: snow     | a dog     | rain Inference: snow
            it rains inferences: Clue: x              | x         | ''
            """)
    void aWrittenTextIsCutAtTheNames(String text, String clue, String inference) {
        assertThat(PARTS.written(text, "Clue")).isEqualTo(clue);
        assertThat(PARTS.written(text, "Inference")).isEqualTo(inference);
    }

    @Test
    void aReferenceWithoutNamesIsOfTheMainPart() {
        var references = List.of("Clue: A dog. Inference: It rains.", "It pours.", "Clue: A cat.");
        assertThat(PARTS.references(references, "Inference")).containsExactly("It rains.", "It pours.");
        assertThat(PARTS.references(references, "Clue")).containsExactly("A dog.", "A cat.");
        assertThat(PARTS.lacking(references)).isNull();
        assertThat(PARTS.lacking(List.of("It pours."))).isEqualTo("Clue");
        assertThat(TextParts.NONE.lacking(List.of("It pours."))).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Clue", "Clue,Clue", "Clue,what is it?"})
    void oneNameTheSameTwiceAndMoreThanAWordAreRefused(String names) {
        var section = Section.root(Map.of("text_parts", List.of(names.split(","))));
        section.read(TextParts::read);
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(section::requireValid)
                .withMessageContaining(
                        "text_parts must be the names of two parts or more, each a word of its own, got");
    }
}
