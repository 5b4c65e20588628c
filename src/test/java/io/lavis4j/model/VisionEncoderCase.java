package io.lavis4j.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.golden.Golden;
import io.lavis4j.nn.LayerNorm;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.Tensors;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** What the reference cases of all vision encoders have in common. */
public final class VisionEncoderCase {

    /** Absolute tolerance of activations. */
    public static final double ATOL = 2e-5;

    /** What a comparison of activations needs. */
    public static final List<String> FORWARD =
            List.of("weights.safetensors", "inputs.safetensors", "ln_vision.safetensors", "expected.safetensors");

    /** An encoder of the shape in a case's config, for an image size. */
    public interface Factory {
        VisionEncoder create(JsonNode config, int imageSize);
    }

    /** The published file's tensors, fitted to the shape in a case's config for an image size. */
    public interface Fit {
        Map<String, Tensor> apply(Map<String, Tensor> file, JsonNode config, int imageSize);
    }

    private final Golden golden;
    private final Factory factory;
    private final JsonNode config;

    /** A case, read when a test needs it. */
    public VisionEncoderCase(Golden golden, Factory factory) {
        this.golden = golden;
        this.factory = factory;
        this.config = golden.json("config.json");
    }

    private VisionEncoder unset() {
        return factory.create(config, config.get("image_size").asInt());
    }

    /** The encoder with the case's weights, in eval mode. */
    public VisionEncoder encoder() {
        var encoder = unset();
        encoder.module().load(golden.tensors("weights.safetensors")).requireComplete(golden.name());
        encoder.module().to(golden.device());
        encoder.module().eval();
        return encoder;
    }

    /** The case's images. */
    public Tensor image() {
        return Golden.get(golden.tensors("inputs.safetensors"), "image");
    }

    private LayerNorm lnVision(VisionEncoder encoder) {
        var norm = new LayerNorm(encoder.numFeatures(), 1e-5);
        norm.load(golden.tensors("ln_vision.safetensors")).requireComplete("ln_vision");
        norm.to(golden.device());
        return norm;
    }

    /** The output, and ln_vision of it. */
    public void output() {
        var encoder = encoder();
        var expected = golden.tensors("expected.safetensors");
        var output = encoder.forward(image());
        Golden.assertClose("output", output, Golden.get(expected, "output"), ATOL, 1e-5);
        var norm = lnVision(encoder).forward(output);
        Golden.assertClose("ln_vision", norm, Golden.get(expected, "ln_vision"), ATOL, 1e-5);
    }

    /** Gradients of a weighted sum of the normalised output. */
    public void gradients() {
        var encoder = encoder();
        var weight = Golden.get(golden.tensors("inputs.safetensors"), "grad_weight");
        lnVision(encoder).forward(encoder.forward(image())).mul(weight).sum().backward();
        Golden.assertGradients(
                encoder.module().namedParameters(), golden.tensors("expected_grads.safetensors"), 1e-4, 1e-7);
    }

    /** Position tables resized from the file of another image size, and the whole file as loaded by the reference. */
    public void positions(String key, Fit fit) {
        var file = Checkpoints.stateDict(golden.folder().resolve("checkpoint_other_size.pth"));
        int ownSize = config.get("image_size").asInt();
        int compared = 0;
        for (var entry : golden.tensors("expected.safetensors").entrySet()) {
            var name = entry.getKey();
            if (name.startsWith(key + "_")) {
                int size = name.endsWith("_interpolated") ? ownSize : Integer.parseInt(name.replaceFirst(".*_", ""));
                var table = Golden.get(fit.apply(file, config, size), key);
                Golden.assertClose(name, table, entry.getValue(), 1e-6, 0);
                compared++;
            }
        }
        assertThat(compared).isPositive();

        var module = unset().module();
        module.load(fit.apply(file, config, ownSize));
        assertThat(module.unsetParameters()).isEmpty();
        golden.tensors("weights.safetensors")
                .forEach((name, value) ->
                        Golden.assertClose(name, Golden.get(module.stateDict(), name), value, 1e-6, 0));
    }

    /** Which parameters vit_precision fp16 converts. */
    public void fp16() {
        var module = encoder().module();
        module.convertWeights(Precision.FP16.dtype());
        var state = module.stateDict();
        var types = golden.json("fp16_dtypes.json");
        assertThat(state).hasSize(types.size());
        types.properties().forEach(field -> {
            boolean half = field.getValue().asText().equals("torch.float16");
            assertThat(Tensors.dtype(Golden.get(state, field.getKey())))
                    .as(field.getKey())
                    .isEqualTo(half ? ScalarType.Half : ScalarType.Float);
        });
    }

    /** Indices for layer-wise decay. */
    public void layerIndices() {
        var encoder = unset();
        config.get("get_num_layer")
                .properties()
                .forEach(field -> assertThat(encoder.getNumLayer(field.getKey()))
                        .as(field.getKey())
                        .isEqualTo(field.getValue().asInt()));
    }

    /** Adds the tests that every encoder has; {@code forward} is the encoder's own. */
    public static void addTests(Golden.Tests t, Factory factory, String positionKey, Fit fit) {
        var golden = t.golden();
        t.addWith(
                List.of(
                        "weights.safetensors",
                        "inputs.safetensors",
                        "ln_vision.safetensors",
                        "expected_grads.safetensors"),
                "gradients",
                () -> new VisionEncoderCase(golden, factory).gradients());
        t.addWith(
                List.of("checkpoint_other_size.pth", "expected.safetensors", "weights.safetensors"),
                "positions for other image sizes",
                () -> new VisionEncoderCase(golden, factory).positions(positionKey, fit));
        t.addWith(
                List.of("weights.safetensors", "fp16_dtypes.json"),
                "types after conversion to fp16",
                () -> new VisionEncoderCase(golden, factory).fp16());
        t.add("layer indices", () -> new VisionEncoderCase(golden, factory).layerIndices());
    }
}
