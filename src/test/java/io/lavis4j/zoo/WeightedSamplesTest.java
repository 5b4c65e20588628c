package io.lavis4j.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lavis4j.dataset.Batch;
import io.lavis4j.dataset.SampleTexts;
import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.model.AnswerLearner;
import io.lavis4j.model.Losses;
import io.lavis4j.model.Texts;
import io.lavis4j.model.TrainableModel;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The weights of samples in the loss of every family. */
@ExtendWith(LibtorchFirst.class)
class WeightedSamplesTest {

    private static final List<String> WORDS = List.of(
            "Inference: someone who likes red is enjoying the wind",
            "Inference: two people are here",
            "Inference: a kite");
    private static final double[] WEIGHTS = {0.5, 3, 1};

    private static Texts texts(TrainableModel model, List<String> words, double... weights) {
        var questions = words.stream().map(word -> "what is it?").toList();
        return model instanceof AnswerLearner
                ? new Texts(questions, words, new long[0], weights)
                : new Texts(words, List.of(), new long[0], weights);
    }

    /** The loss, and the gradient of what comes before the language model. */
    private record Learned(double loss, float[] gradient, int tokens, double weight) {

        static Learned of(TrainableModel model, Tensor image, Texts texts) {
            model.module().zeroGrad();
            Losses losses = model.forward(image, texts);
            model.backward(losses.total());
            var bias = model.module().trainableParameters().entrySet().stream()
                    .filter(entry -> entry.getKey().endsWith("_proj.bias"))
                    .findFirst()
                    .orElseThrow()
                    .getValue();
            return new Learned(
                    losses.total().item_double(), Tensors.floats(bias.grad()), losses.tokens(), losses.weight());
        }
    }

    /** Of all numbers together, as a share of the expected ones: what bfloat16 rounds depends on the processor. */
    private static double distance(float[] found, float[] expected) {
        double apart = 0, all = 0;
        for (int i = 0; i < expected.length; i++) {
            apart += Math.pow(found[i] - expected[i], 2);
            all += Math.pow(expected[i], 2);
        }
        assertThat(found).hasSameSizeAs(expected);
        return Math.sqrt(apart / all);
    }

    @ParameterizedTest
    @ValueSource(strings = {"blip2_opt", "blip2_t5", "blip2_t5_instruct", "blip2_vicuna_instruct"})
    void aBatchIsTheMeanOfTokensByTheWeightsOfTheirSamples(String arch) {
        RandomState.seed(5);
        try (var loaded = ModelAndPreprocess.load(arch, "small", Devices.cpu());
                var scope = new PointerScope()) {
            var model = loaded.as(TrainableModel.class);
            model.module().train(false);
            var image = torch.randn(3, 3, 84, 84);
            double loss = 0, weight = 0;
            float[] gradient = new float[0];
            int tokens = 0;
            for (int b = 0; b < 3; b++) {
                var alone = Learned.of(model, image.narrow(0, b, 1), texts(model, WORDS.subList(b, b + 1)));
                assertThat(alone.weight()).isEqualTo(alone.tokens());
                gradient = b == 0 ? new float[alone.gradient().length] : gradient;
                double own = WEIGHTS[b] * alone.tokens();
                weight += own;
                tokens += alone.tokens();
                loss += own * alone.loss();
                for (int i = 0; i < gradient.length; i++) {
                    gradient[i] += (float) (own * alone.gradient()[i]);
                }
            }
            for (int i = 0; i < gradient.length; i++) {
                gradient[i] /= (float) weight;
            }
            var together = Learned.of(model, image, texts(model, WORDS, WEIGHTS));
            boolean isRounded = model.precision() == Precision.BF16;
            assertThat(together.loss()).isCloseTo(loss / weight, within(isRounded ? 5e-3 : 2e-5));
            assertThat(distance(together.gradient(), gradient)).isLessThan(isRounded ? 0.03 : 1e-5);
            assertThat(together.tokens()).isEqualTo(tokens);
            assertThat(together.weight()).isCloseTo(weight, within(1e-6));
            var unweighted = Learned.of(model, image, texts(model, WORDS));
            assertThat(together.loss()).isNotCloseTo(unweighted.loss(), within(1e-2));
            assertThat(distance(unweighted.gradient(), gradient)).isGreaterThan(0.1);
            assertThatThrownBy(() -> model.prepare(texts(model, WORDS, 1, 0, 1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("expected a weight above 0 for each of 3 texts, got [1.0, 0.0, 1.0]");
        }
    }

    @Test
    void theFirstStageRefusesThem() {
        try (var loaded = ModelAndPreprocess.load("blip2", "small", Devices.cpu())) {
            var model = loaded.as(TrainableModel.class);
            assertThatThrownBy(() -> model.prepare(texts(model, WORDS, WEIGHTS)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("the first stage weighs no samples");
        }
    }

    @Test
    void aBatchInWhichEachCountsAsMuchHasNone() {
        var samples = List.of(SampleTexts.of("a", "x"), SampleTexts.of("b", "y"));
        try (var scope = new PointerScope()) {
            assertThat(new Batch(torch.zeros(2, 3, 1, 1), samples).texts().weights())
                    .isEmpty();
            var weighted = List.of(samples.get(0), samples.get(1).withWeight(2));
            assertThat(new Batch(torch.zeros(2, 3, 1, 1), weighted).texts().weights())
                    .containsExactly(1, 2);
        }
    }
}
