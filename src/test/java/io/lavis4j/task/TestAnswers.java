package io.lavis4j.task;

import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.model.AnswerPredictor;
import io.lavis4j.model.ClassPredictor;
import io.lavis4j.model.VisionEncoder;
import io.lavis4j.nn.Module;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/** Answers questions with their last word, and finds the last candidate likeliest; keeps what it was asked. */
final class TestAnswers implements AnswerPredictor, ClassPredictor {

    final List<String> prompts = new ArrayList<>();
    final List<Integer> segments = new ArrayList<>();

    @Override
    public List<String> predictAnswers(
            Tensor image, List<String> questions, String prompt, GenerationConfig generation) {
        prompts.addAll(questions);
        return questions.stream()
                .map(question -> question.substring(question.lastIndexOf(' ') + 1))
                .toList();
    }

    @Override
    public int[][] predictOwnClass(Tensor image, List<String> asked, List<List<String>> candidates, int parts) {
        prompts.addAll(asked);
        segments.add(parts);
        return candidates.stream()
                .map(own -> IntStream.range(0, own.size())
                        .map(i -> own.size() - 1 - i)
                        .toArray())
                .toArray(int[][]::new);
    }

    @Override
    public GenerationConfig answerDefaults() {
        return GenerationConfig.lavis();
    }

    @Override
    public VisionEncoder visualEncoder() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Module module() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void initializeUnset() {}

    @Override
    public void close() {}
}
