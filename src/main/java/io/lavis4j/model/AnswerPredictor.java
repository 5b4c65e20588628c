package io.lavis4j.model;

import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.processor.Questions;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A model that answers questions about images in its own words, LAVIS's {@code predict_answers}. */
public interface AnswerPredictor extends BaseModel {

    /**
     * Answers.
     *
     * @param image (B, 3, S, S), float32, on the model's device
     * @param questions B questions
     * @param prompt has one place {@code {}} for the question; empty for the question alone
     * @param generation see {@link #answerDefaults()}; {@link GenerationConfig#maxLength()} counts the answer's tokens,
     *     and one before them where the model's LAVIS class counts it
     * @return one answer per question
     * @throws IllegalArgumentException if the numbers of images and questions differ
     */
    List<String> predictAnswers(Tensor image, List<String> questions, String prompt, GenerationConfig generation);

    /**
     * Answers to questions that come with more texts.
     *
     * @param image (B, 3, S, S), float32, on the model's device
     * @param prompt see {@link Questions#answerPrompts}
     */
    default List<String> predictAnswers(Tensor image, Questions questions, String prompt, GenerationConfig generation) {
        return predictAnswers(image, questions.answerPrompts(prompt), "", generation);
    }

    /** The reference's settings where a caller gives none. */
    GenerationConfig answerDefaults();
}
