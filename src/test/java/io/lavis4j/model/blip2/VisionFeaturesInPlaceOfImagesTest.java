package io.lavis4j.model.blip2;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.golden.Golden;
import io.lavis4j.golden.GoldenCases;
import io.lavis4j.model.CaptionGenerator;
import io.lavis4j.model.Texts;
import io.lavis4j.tensor.RandomState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every family learns and writes the same from its vision encoder's output as from images, bit for bit. */
class VisionFeaturesInPlaceOfImagesTest {

    private static final List<String> TEXTS = List.of("a small dog sitting on the table", "two red buses");

    private final PointerScope scope = new PointerScope();

    @AfterEach
    void free() {
        scope.close();
    }

    private static Blip2Base model(Golden golden) {
        var expected = golden.json("expected.json");
        var model = switch (golden.name().replaceFirst("@.*", "")) {
            case "c_blip2_opt" -> Blip2Case.model(golden, "");
            case "d_blip2_t5" -> Blip2Case.t5Model(golden, Blip2Case.t5Config(expected));
            case "d_blip2_t5_instruct" -> Blip2Case.t5Instruct(golden, Blip2Case.t5InstructConfig(expected));
            case "d_blip2_vicuna_instruct" -> Blip2Case.vicuna(golden, Blip2Case.vicunaConfig(expected));
            default -> Blip2Case.stage1(golden);
        };
        model.visualEncoder().module().freeze();
        return model;
    }

    /** The loss and its gradients. */
    private static Map<String, Tensor> learned(Blip2Base model, Tensor image, Texts texts) {
        RandomState.seed(3); // of stage 1's negatives
        model.zeroGrad();
        var loss = model.forward(image, texts).total();
        model.backward(loss);
        var values = new LinkedHashMap<String, Tensor>();
        values.put("loss", loss.detach());
        model.trainableParameters().forEach((name, parameter) -> {
            if (parameter.grad().defined()) {
                values.put(name, parameter.grad().clone());
            }
        });
        return values;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "c_blip2_opt",
                "d_blip2_t5",
                "d_blip2_t5_instruct",
                "d_blip2_vicuna_instruct",
                "e_blip2_qformer_stage1"
            })
    void everyFamily(String kind) {
        var golden = Golden.at(GoldenCases.of(kind).get(0));
        try (var model = model(golden)) {
            var image = Golden.get(golden.tensors("inputs.safetensors"), "image")
                    .narrow(0, 0, 2)
                    .contiguous();
            var features = model.visionFeatures(image);
            assertThat(features.shape())
                    .startsWith(2)
                    .endsWith(model.visualEncoder().numFeatures())
                    .hasSize(3);
            assertThat(features.requires_grad()).isFalse();
            boolean answers = kind.startsWith("d_");
            var texts = new Texts(TEXTS, answers ? List.of("yes", "no") : List.of(), new long[0], new double[0]);
            var expected = learned(model, image, texts);
            var actual = learned(model, features, texts);
            assertThat(actual.keySet()).isEqualTo(expected.keySet()).hasSizeGreaterThan(10);
            expected.forEach((name, value) ->
                    assertThat(Golden.get(actual, name).equal(value)).as(name).isTrue());

            var generation = GenerationConfig.lavis().withNumBeams(2).withMaxLength(8);
            CaptionGenerator generator = model;
            var prompts = List.of("", "");
            assertThat(generator.generate(features, prompts, generation))
                    .isEqualTo(generator.generate(image, prompts, generation));
        }
    }
}
