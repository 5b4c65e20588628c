package io.lavis4j.model.clipvit;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.golden.Golden;
import io.lavis4j.model.VisionEncoderCase;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class ClipVitParityTest {

    @TestFactory
    Stream<DynamicTest> equalsTheReference() {
        return Golden.tests("a_clip_vit", t -> {
            t.addWith(VisionEncoderCase.FORWARD, "forward", () -> forward(t.golden()));
            VisionEncoderCase.addTests(
                    t,
                    (json, size) -> config(json, size).create(),
                    "positional_embedding",
                    (file, json, size) -> ClipVitWeights.fit(file, config(json, size)));
        });
    }

    private static ClipVitConfig config(JsonNode json, int imageSize) {
        return new ClipVitConfig(
                imageSize,
                json.get("patch_size").asInt(),
                json.get("width").asInt(),
                json.get("layers").asInt(),
                json.get("heads").asInt());
    }

    private static void forward(Golden golden) {
        var reference =
                new VisionEncoderCase(golden, (json, size) -> config(json, size).create());
        var vit = (ClipVit) reference.encoder();
        var expected = golden.tensors("expected.safetensors");
        var states = vit.hiddenStates(reference.image());
        for (int i = 0; i < states.size(); i++) {
            var name = i == 0 ? "ln_pre" : "block_" + (i - 1);
            Golden.assertClose(name, states.get(i), Golden.get(expected, name), VisionEncoderCase.ATOL, 1e-5);
        }
        reference.output();
    }
}
