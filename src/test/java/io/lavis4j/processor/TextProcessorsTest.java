package io.lavis4j.processor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Section;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TextProcessorsTest {

    private static void assertProblem(Map<String, Object> values, String... parts) {
        var section = Section.root(values);
        assertThat(TextProcessors.read(section)).isNull();
        assertThatThrownBy(section::requireValid)
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll(parts);
    }

    @Test
    void argumentsHaveTheDefaultsOfLavis() {
        assertThat(TextProcessors.read(Section.root(Map.of("name", "blip_caption"))))
                .isEqualTo(new BlipCaption("", 50));
        assertThat(TextProcessors.read(Section.root(Map.of("name", "blip_question"))))
                .isEqualTo(new BlipQuestion(50));
    }

    @Test
    void unknownNamesAndKeysNameTheNearest() {
        assertProblem(Map.of("name", "blip_captions"), "blip_captions", "did you mean blip_caption?");
        assertProblem(Map.of("name", "blip_caption", "promt", "x"), "promt is unknown", "did you mean prompt?");
        assertProblem(Map.of("name", "blip_question", "prompt", "x"), "prompt is unknown");
        assertProblem(Map.of(), "name is missing");
        assertProblem(Map.of("name", "blip_question", "max_words", 0), "max_words must be at least 1, got 0");
    }

    @Test
    void thePromptIsUsedAsItIs() {
        var captions = new BlipCaption("A Photo: ", 2);
        assertThat(captions.process("A dog. Sleeps!")).isEqualTo("A Photo: a dog");
        assertThat(captions.prompt()).isEqualTo("A Photo: ");
    }

    @Test
    void whiteSpaceIsThatOfPython() {
        var captions = new BlipCaption("", 50);
        assertThat(captions.process("a\u001c\u001db\u00a0\u3000c\u2028 d")).isEqualTo("a b c d");
        assertThat(captions.process("a\u001cb\u200b\u200bc\n")).isEqualTo("a\u001cb\u200b\u200bc");
    }

    @Test
    void aQuestionKeepsEmptyWordsBetweenSpaces() {
        assertThat(new BlipQuestion(3).process("Is  it (red)? ")).isEqualTo("is  it");
    }

    @Test
    void lowerCaseDoesNotDependOnTheMachine() {
        var before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("tr"));
        try {
            assertThat(new BlipCaption("", 50).process("TITLE \u03a3\u039f\u03a3"))
                    .isEqualTo("title \u03c3\u03bf\u03c2");
        } finally {
            Locale.setDefault(before);
        }
    }
}
