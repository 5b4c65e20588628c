package io.lavis4j.model.blip2;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.golden.Golden;
import io.lavis4j.golden.GoldenCases;
import io.lavis4j.model.Texts;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.Tensors;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Training through a frozen language model whose weights are stored in fewer bits is that through what they stand for.
 */
class StoredLanguageModelTest {

    private static final LanguageStorage INT8 = new LanguageStorage(Precision.FP32, true);
    private static final LanguageStorage BF16 = new LanguageStorage(Precision.BF16, false);

    private static Blip2ConditionalGeneration<?, ?> model(String kind) {
        var golden = Golden.at(GoldenCases.of(kind).get(0));
        var expected = golden.json("expected.json");
        return switch (kind) {
            case "c_blip2_opt" -> Blip2Case.model(golden, Blip2Case.config(expected, "a photo of"));
            case "d_blip2_t5" -> Blip2Case.t5Model(golden, Blip2Case.t5Config(expected));
            case "d_blip2_t5_instruct" -> Blip2Case.t5Instruct(golden, Blip2Case.t5InstructConfig(expected));
            case "d_blip2_vicuna_instruct" -> Blip2Case.vicuna(golden, Blip2Case.vicunaConfig(expected));
            default -> throw new AssertionError("unknown kind " + kind);
        };
    }

    /** A loss, and gradients by the names of what is trained. */
    private record Step(double loss, Map<String, Tensor> gradients) {

        static Step of(Blip2ConditionalGeneration<?, ?> model, Tensor image) {
            model.eval();
            var texts = Texts.of(
                    List.of("a photo of", "what is it?", "where"),
                    List.of("a small dog sitting on the table", "yes", "two red buses"));
            var loss = model.forward(image, texts).total();
            model.backward(loss);
            var gradients = new TreeMap<String, Tensor>();
            model.module().namedParameters().forEach((name, parameter) -> {
                if (parameter.requires_grad() && parameter.grad().defined()) {
                    gradients.put(name, parameter.grad().flatten());
                }
            });
            return new Step(loss.item_double(), gradients);
        }

        Tensor joined() {
            return Tensors.cat(0, gradients.values().toArray(Tensor[]::new));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "c_blip2_opt, true",
        "c_blip2_opt, false",
        "d_blip2_t5, true",
        "d_blip2_t5_instruct, true",
        "d_blip2_vicuna_instruct, true",
        "d_blip2_vicuna_instruct, false"
    })
    void lossAndGradientsAreThoseOfTheStoredValuesInFp32(String kind, boolean in8Bits) {
        try (var scope = new PointerScope();
                var plain = model(kind);
                var stored = model(kind)) {
            stored.store(in8Bits ? INT8 : BF16);
            var image = Golden.get(Golden.at(GoldenCases.of(kind).get(0)).tensors("inputs.safetensors"), "image")
                    .narrow(0, 0, 3);
            Step original = Step.of(plain, image), found = Step.of(stored, image);
            plain.module().zeroGrad();
            plain.module().load(widened(stored.module().stateDict()));
            var expected = Step.of(plain, image);
            assertThat(found.gradients()).containsOnlyKeys(expected.gradients().keySet());
            assertThat(found.loss() / expected.loss() - 1).isBetween(-1e-5, 1e-5);
            assertThat(distance(found.joined(), expected.joined())).isLessThan(1e-4);
            assertThat(Math.abs(found.loss() / original.loss() - 1)).isBetween(1e-7, 5e-3);
        }
    }

    /** The values that stored weights stand for, in fp32. */
    private static Map<String, Tensor> widened(Map<String, Tensor> state) {
        var widened = new TreeMap<String, Tensor>();
        state.forEach((name, value) -> {
            var scale = state.get(name + "_scale");
            if (scale != null) {
                widened.put(name, value.to(ScalarType.Float).mul(scale.unsqueeze(1)));
            } else if (Tensors.dtype(value) == ScalarType.BFloat16) {
                widened.put(name, value.to(ScalarType.Float));
            }
        });
        assertThat(widened).isNotEmpty();
        return widened;
    }

    private static double distance(Tensor found, Tensor expected) {
        return found.sub(expected).norm().div(expected.norm()).item_double();
    }
}
