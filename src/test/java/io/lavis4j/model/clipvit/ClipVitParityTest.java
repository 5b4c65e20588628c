package io.lavis4j.model.clipvit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.golden.Golden;
import io.lavis4j.nn.LayerNorm;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.Tensors;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class ClipVitParityTest {

    private static final double ATOL = 2e-5;

    @TestFactory
    Stream<DynamicTest> equalsTheReference() {
        return Golden.tests("a_clip_vit", t -> {
            var golden = t.golden();
            t.addWith("weights.safetensors", "forward", () -> forward(golden));
            t.addWith("expected_grads.safetensors", "gradients", () -> gradients(golden));
            t.addWith("checkpoint_other_size.pth", "positions for other picture sizes", () -> positions(golden));
            t.addWith("fp16_dtypes.json", "types after conversion to fp16", () -> fp16(golden));
            t.add("layer indices", () -> layerIndices(golden));
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

    private static ClipVit model(Golden golden) {
        var json = golden.json("config.json");
        var vit = new ClipVit(config(json, json.get("image_size").asInt()));
        vit.load(golden.tensors("weights.safetensors")).requireComplete(golden.name());
        vit.to(golden.device());
        vit.eval();
        return vit;
    }

    private static LayerNorm lnVision(Golden golden, ClipVit vit) {
        var norm = new LayerNorm(vit.numFeatures(), 1e-5);
        norm.load(golden.tensors("ln_vision.safetensors")).requireComplete("ln_vision");
        norm.to(golden.device());
        return norm;
    }

    private static Tensor image(Golden golden) {
        return Golden.get(golden.tensors("inputs.safetensors"), "image");
    }

    private static void forward(Golden golden) {
        var vit = model(golden);
        var expected = golden.tensors("expected.safetensors");
        var layers = vit.intermediates(image(golden));
        Golden.assertClose("ln_pre", layers.get(0), Golden.get(expected, "ln_pre"), ATOL, 1e-5);
        for (int i = 1; i < layers.size(); i++) {
            var name = "block_" + (i - 1);
            Golden.assertClose(name, layers.get(i), Golden.get(expected, name), ATOL, 1e-5);
        }
        var output = vit.forward(image(golden));
        Golden.assertClose("output", output, Golden.get(expected, "output"), ATOL, 1e-5);
        Golden.assertClose(
                "ln_vision", lnVision(golden, vit).forward(output), Golden.get(expected, "ln_vision"), ATOL, 1e-5);
    }

    private static void gradients(Golden golden) {
        var vit = model(golden);
        var norm = lnVision(golden, vit);
        var weight = Golden.get(golden.tensors("inputs.safetensors"), "grad_weight");
        norm.forward(vit.forward(image(golden))).mul(weight).sum().backward();

        Golden.assertGradients(vit.namedParameters(), golden.tensors("expected_grads.safetensors"), 1e-4, 1e-7);
    }

    private static void positions(Golden golden) {
        var json = golden.json("config.json");
        var file = Checkpoints.stateDict(golden.folder().resolve("checkpoint_other_size.pth"));
        var expected = golden.tensors("expected.safetensors");
        int compared = 0;
        for (var name : expected.keySet()) {
            if (name.startsWith("positional_embedding_")) {
                int size = name.equals("positional_embedding_interpolated")
                        ? json.get("image_size").asInt()
                        : Integer.parseInt(name.replaceFirst(".*_", ""));
                var fitted = ClipVitWeights.fit(file, config(json, size));
                Golden.assertClose(
                        name, Golden.get(fitted, "positional_embedding"), Golden.get(expected, name), 1e-6, 0);
                compared++;
            }
        }
        assertThat(compared).isPositive();

        var vit = new ClipVit(config(json, json.get("image_size").asInt()));
        vit.load(ClipVitWeights.fit(file, config(json, json.get("image_size").asInt())));
        assertThat(vit.unsetParameters()).isEmpty();
        golden.tensors("weights.safetensors")
                .forEach((name, value) -> Golden.assertClose(name, Golden.get(vit.stateDict(), name), value, 1e-6, 0));
    }

    private static void fp16(Golden golden) {
        var vit = model(golden);
        vit.convertWeights(Precision.FP16.dtype());
        var state = vit.stateDict();
        var types = golden.json("fp16_dtypes.json");
        assertThat(state).hasSize(types.size());
        types.properties()
                .forEach(field -> assertThat(Tensors.dtype(Golden.get(state, field.getKey())))
                        .as(field.getKey())
                        .isEqualTo(
                                field.getValue().asText().equals("torch.float16")
                                        ? ScalarType.Half
                                        : ScalarType.Float));
    }

    private static void layerIndices(Golden golden) {
        var json = golden.json("config.json");
        var vit = new ClipVit(config(json, json.get("image_size").asInt()));
        json.get("get_num_layer")
                .properties()
                .forEach(field -> assertThat(vit.getNumLayer(field.getKey()))
                        .as(field.getKey())
                        .isEqualTo(field.getValue().asInt()));
    }
}
