package io.lavis4j.processor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class QuestionsTest {

    private final Questions questions = Questions.of(List.of("what is it", "who"));

    @Test
    void withoutATemplateTheQuestionsAreThePrompts() {
        assertThat(questions.answerPrompts("")).containsExactly("what is it", "who");
    }

    @Test
    void onePlaceIsForTheQuestion() {
        assertThat(questions.answerPrompts("Question: {} Short answer:"))
                .containsExactly("Question: what is it Short answer:", "Question: who Short answer:");
    }

    @Test
    void aQuestionWithAPlaceInItIsNotFilled() {
        assertThat(Questions.of(List.of("what is {}")).answerPrompts("Q: {} A:"))
                .containsExactly("Q: what is {} A:");
    }

    @Test
    void twoPlacesAreForOcrTokensAndTheQuestion() {
        var words = IntStream.range(0, 40).mapToObj(Integer::toString).toList();
        assertThat(questions
                        .withOcrTokens(List.of(List.of("STOP", "HERE"), words))
                        .withChoices(List.of(List.of("a"), List.of("b")))
                        .answerPrompts("OCR tokens: {}. Question: {}"))
                .containsExactly(
                        "OCR tokens: STOP, HERE. Question: what is it",
                        "OCR tokens: %s. Question: who".formatted(String.join(", ", words.subList(0, 30))));
    }

    @Test
    void twoPlacesAreForTheQuestionAndLetteredChoicesWhereThereAreNoOcrTokens() {
        assertThat(questions
                        .withChoices(List.of(List.of("red", "blue"), List.of("a man")))
                        .answerPrompts("Question: {} Options: {}. Answer:"))
                .containsExactly(
                        "Question: what is it Options: (a) red (b) blue. Answer:",
                        "Question: who Options: (a) a man. Answer:");
    }

    @Test
    void twoPlacesWithNothingForOneOfThemAreRefused() {
        assertThatThrownBy(() -> questions.answerPrompts("{} and {}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("prompt \"{} and {}\" has two places")
                .hasMessageContaining("expected ocr_tokens or choices");
    }

    @Test
    void morePlacesThanValuesAreRefused() {
        assertThatThrownBy(() -> questions.answerPrompts("{} {} {}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("prompt \"{} {} {}\" has 3 places {}; expected at most 1 here");
    }

    @Test
    void moreChoicesThanLettersAreRefused() {
        var many = questions.withChoices(List.of(Collections.nCopies(27, "x"), List.of("y")));
        assertThatThrownBy(() -> many.answerPrompts("{} {}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected at most 26 choices, one for each letter, got 27");
    }

    @Test
    void generationPutsOcrTokensInItsPromptsWhereTheFirstHasAPlace() {
        var read = questions.withOcrTokens(List.of(List.of("a", "b"), List.of("c")));
        assertThat(read.generatePrompts(List.of("read {}", "say {}"))).containsExactly("read a, b", "say c");
        assertThat(read.generatePrompts(List.of("read", "say {}"))).containsExactly("read", "say {}");
        assertThat(questions.generatePrompts(List.of("read {}", "say"))).containsExactly("read {}", "say");
    }

    @Test
    void classPromptsBeginWithCaptionHistoryAndContext() {
        assertThat(questions
                        .withContext(List.of("it rains", "it snows"))
                        .withHistory(List.of("q: hi a: ho", "q: ha"))
                        .withCaption(List.of("a dog", "a cat"))
                        .classPrompts(List.of("Q: {} A:", "{}?")))
                .containsExactly(
                        "This image has the caption \"a dog\". dialog history: q: hi a: ho\ncontext: it rains. Q: what is it A:",
                        "This image has the caption \"a cat\". dialog history: q: ha\ncontext: it snows. who?");
    }

    @Test
    void whatASampleLacksAddsNothingToItsPrompt() {
        assertThat(questions
                        .withContext(List.of("", "it snows"))
                        .withCaption(List.of("a dog", ""))
                        .classPrompts(List.of("which?", "which?")))
                .containsExactly("This image has the caption \"a dog\". which?", "context: it snows. which?");
    }

    @Test
    void classPromptsNeedNoQuestions() {
        assertThat(Questions.of(List.of()).withContext(List.of("c")).classPrompts(List.of("which?")))
                .containsExactly("context: c. which?");
    }

    @Test
    void textsOfSomeSamplesAloneAreRefused() {
        assertThatThrownBy(() -> questions.withContext(List.of("c")).classPrompts(List.of("a", "b")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected context of each of 2 samples, got 1; leave it empty, or give one for each");
        assertThatThrownBy(() -> questions.withOcrTokens(List.of(List.of("c"))).answerPrompts("{} {}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected ocr_tokens of each of 2 samples, got 1; leave it empty, or give one for each");
    }
}
