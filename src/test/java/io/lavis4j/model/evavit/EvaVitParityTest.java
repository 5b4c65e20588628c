package io.lavis4j.model.evavit;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.golden.Golden;
import io.lavis4j.golden.TestDevice;
import io.lavis4j.model.VisionEncoderCase;
import io.lavis4j.tensor.RandomState;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class EvaVitParityTest {

    @TestFactory
    Stream<DynamicTest> equalsTheReference() {
        return Golden.tests("a_eva_vit", t -> {
            var golden = t.golden();
            t.addWith(VisionEncoderCase.FORWARD, "forward", () -> forward(golden));
            t.addWith(
                    List.of("weights.safetensors", "inputs.safetensors", "expected_drop_path.safetensors"),
                    "drop path",
                    () -> dropPath(golden));
            VisionEncoderCase.addTests(
                    t,
                    (json, size) -> config(json, size).create(),
                    "pos_embed",
                    (file, json, size) -> EvaVitWeights.fit(file, config(json, size)));
        });
    }

    private static EvaVitConfig config(JsonNode json, int imageSize) {
        return new EvaVitConfig(
                imageSize,
                json.get("patch_size").asInt(),
                json.get("embed_dim").asInt(),
                json.get("depth").asInt(),
                json.get("num_heads").asInt(),
                json.get("mlp_hidden").asInt(),
                json.path("drop_path_rate").asDouble(0),
                json.get("layer_norm_eps").asDouble());
    }

    private static VisionEncoderCase encoderCase(Golden golden) {
        return new VisionEncoderCase(golden, (json, size) -> config(json, size).create());
    }

    private static void forward(Golden golden) {
        var reference = encoderCase(golden);
        var vit = (EvaVit) reference.encoder();
        var expected = golden.tensors("expected.safetensors");
        var states = vit.hiddenStates(reference.image());
        for (int i = 1; i < states.size(); i++) {
            var name = "block_" + (i - 1);
            Golden.assertClose(name, states.get(i), Golden.get(expected, name), VisionEncoderCase.ATOL, 1e-5);
        }
        reference.output();
    }

    private static void dropPath(Golden golden) {
        var reference = encoderCase(golden);
        var vit = reference.encoder();
        vit.module().train(true);
        golden.tensors("expected_drop_path.safetensors").forEach((name, expected) -> {
            TestDevice.assumeDrawsOfTheReference();
            RandomState.seed(Long.parseLong(name.replaceFirst(".*seed_", "")));
            Golden.assertClose(name, vit.forward(reference.image()), expected, VisionEncoderCase.ATOL, 1e-5);
        });
    }
}
