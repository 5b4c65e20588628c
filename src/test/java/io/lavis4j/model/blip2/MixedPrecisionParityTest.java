package io.lavis4j.model.blip2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.distributed.Gather;
import io.lavis4j.golden.Golden;
import io.lavis4j.golden.TestDevice;
import io.lavis4j.model.Texts;
import io.lavis4j.model.TrainableModel;
import io.lavis4j.tensor.Autocast;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tokenize.Padding;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * On a GPU the losses of models in 16 bits, with everything autocast as {@code run.amp} has it, are the reference's.
 */
class MixedPrecisionParityTest {

    private static final List<Precision> PRECISIONS = List.of(Precision.FP16, Precision.BF16);

    /** fp16 has 11 significant bits, bf16 has 8. */
    private static double tolerance(Precision precision) {
        return precision == Precision.FP16 ? 2e-3 : 8 * 2e-3;
    }

    private static TrainableModel model(String kind, Golden golden, JsonNode variant, Precision precision) {
        var expected = golden.json("expected.json");
        ((ObjectNode) expected.get("config")).put("precision", precision.toString());
        return switch (kind) {
            case "c_blip2_opt" ->
                Blip2Case.model(
                        golden, Blip2Case.config(expected, variant.get("prompt").asText()));
            case "d_blip2_t5" -> Blip2Case.t5Model(golden, Blip2Case.t5Config(expected));
            case "d_blip2_t5_instruct" -> Blip2Case.t5Instruct(golden, Blip2Case.t5InstructConfig(expected));
            case "d_blip2_vicuna_instruct" -> Blip2Case.vicuna(golden, Blip2Case.vicunaConfig(expected));
            default -> throw new AssertionError("unknown kind " + kind);
        };
    }

    private static Texts texts(JsonNode variant) {
        var input = Blip2Case.strings(variant.get("text_input"));
        var output = variant.has("text_output") ? Blip2Case.strings(variant.get("text_output")) : List.<String>of();
        return new Texts(input, output, new long[0], new double[0]);
    }

    @TestFactory
    Stream<DynamicTest> lossesAreThoseOfTheReference() {
        return Stream.of("c_blip2_opt", "d_blip2_t5", "d_blip2_t5_instruct", "d_blip2_vicuna_instruct")
                .flatMap(kind -> Golden.tests(kind, t -> {
                    for (var precision : PRECISIONS) {
                        for (var variant : t.golden().json("expected.json").path("forward")) {
                            t.add(
                                    "%s in %s".formatted(variant.get("name").asText(), precision),
                                    () -> loss(kind, t.golden(), variant, precision));
                        }
                    }
                }));
    }

    private static void loss(String kind, Golden golden, JsonNode variant, Precision precision) {
        TestDevice.assumeGpu("on a CPU nothing is autocast");
        var image = Golden.get(golden.tensors("inputs.safetensors"), "image");
        var model = model(kind, golden, variant, precision);
        assertThat(model.precision()).isEqualTo(precision);
        try (var amp = new Autocast(golden.device(), precision)) {
            assertLoss(model.forward(image, texts(variant)).total(), variant.get("loss"), precision);
        }
    }

    @TestFactory
    Stream<DynamicTest> lossesOfTheFirstStageAreThoseOfTheReference() {
        return Golden.tests("e_blip2_qformer_stage1", t -> {
            var given = t.golden().json("expected.json").path("forced_negatives");
            for (var precision : given.isMissingNode() ? List.<Precision>of() : PRECISIONS) {
                t.add("given negatives in " + precision, () -> firstStage(t.golden(), given, precision));
            }
        });
    }

    private static void firstStage(Golden golden, JsonNode given, Precision precision) {
        TestDevice.assumeGpu("on a CPU nothing is autocast");
        var model = Blip2Case.stage1(golden, precision);
        var image = Golden.get(golden.tensors("inputs.safetensors"), "image");
        var texts = Blip2Case.strings(golden.json("expected.json").get("texts"));
        int length = model.config().blip2().maxTxtLen();
        long[] negatives = StreamSupport.stream(given.get("negative_index").spliterator(), false)
                .mapToLong(JsonNode::asLong)
                .toArray();
        try (var amp = new Autocast(golden.device(), precision)) {
            var losses = new Stage1Loss(model, chances -> Tensors.of(negatives, image.device()), Gather.alone())
                    .of(image, model.encode(texts, length, new Padding.ToLength(length)), new long[0]);
            losses.parts().forEach((part, loss) -> assertLoss(loss, given.get(part), precision));
        }
    }

    private static void assertLoss(Tensor loss, JsonNode expected, Precision precision) {
        double value = expected.asDouble();
        assertThat(loss.item_double()).isCloseTo(value, within(tolerance(precision) * value));
    }
}
