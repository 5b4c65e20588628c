package io.lavis4j.model.evavit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.golden.Golden;
import io.lavis4j.nn.LayerNorm;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class EvaVitParityTest {

    private static final double ATOL = 2e-5;

    @TestFactory
    Stream<DynamicTest> equalsTheReference() {
        return Golden.tests("a_eva_vit", t -> {
            var golden = t.golden();
            t.addWith("weights.safetensors", "forward", () -> forward(golden));
            t.addWith("expected_grads.safetensors", "gradients", () -> gradients(golden));
            t.addWith("expected_drop_path.safetensors", "drop path", () -> dropPath(golden));
            t.addWith("checkpoint_other_size.pth", "positions for other picture sizes", () -> positions(golden));
            t.addWith("fp16_dtypes.json", "types after conversion to fp16", () -> fp16(golden));
            t.add("layer indices", () -> layerIndices(golden));
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

    private static EvaVit model(Golden golden) {
        var json = golden.json("config.json");
        var vit = new EvaVit(config(json, json.get("image_size").asInt()));
        vit.load(golden.tensors("weights.safetensors")).requireComplete(golden.name());
        vit.to(golden.device());
        vit.eval();
        return vit;
    }

    private static LayerNorm lnVision(Golden golden, EvaVit vit) {
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
        var layers = vit.getIntermediateLayers(image(golden));
        for (int i = 0; i < layers.size(); i++) {
            Golden.assertClose("block_" + i, layers.get(i), Golden.get(expected, "block_" + i), ATOL, 1e-5);
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

    private static void dropPath(Golden golden) {
        var vit = model(golden);
        vit.train(true);
        golden.tensors("expected_drop_path.safetensors").forEach((name, expected) -> {
            long seed = Long.parseLong(name.replaceFirst(".*seed_", ""));
            RandomState.seed(seed);
            Golden.assertClose(name, vit.forward(image(golden)), expected, ATOL, 1e-5);
        });
    }

    private static void positions(Golden golden) {
        var json = golden.json("config.json");
        var file = Checkpoints.stateDict(golden.folder().resolve("checkpoint_other_size.pth"));
        var expected = golden.tensors("expected.safetensors");
        int compared = 0;
        for (var name : expected.keySet()) {
            if (name.startsWith("pos_embed_")) {
                int size = name.equals("pos_embed_interpolated")
                        ? json.get("image_size").asInt()
                        : Integer.parseInt(name.replaceFirst(".*_", ""));
                var fitted = EvaVitWeights.fit(file, config(json, size));
                Golden.assertClose(name, Golden.get(fitted, "pos_embed"), Golden.get(expected, name), 1e-6, 0);
                compared++;
            }
        }
        assertThat(compared).isPositive();

        var vit = new EvaVit(config(json, json.get("image_size").asInt()));
        vit.load(EvaVitWeights.fit(file, config(json, json.get("image_size").asInt())));
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
        var vit = new EvaVit(config(json, json.get("image_size").asInt()));
        json.get("get_num_layer")
                .properties()
                .forEach(field -> assertThat(vit.getNumLayer(field.getKey()))
                        .as(field.getKey())
                        .isEqualTo(field.getValue().asInt()));
    }
}
