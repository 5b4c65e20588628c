package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.golden.Golden;
import io.lavis4j.golden.GoldenCases;
import io.lavis4j.model.Texts;
import io.lavis4j.model.blip2.Blip2Case;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.optim.AdamW;
import io.lavis4j.optim.ParameterGroup;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class ResumeParityTest {

    @TestFactory
    Stream<DynamicTest> equalsTheReference() {
        return Golden.tests("i_checkpoints", t -> {
            var golden = t.golden();
            t.addWith(
                    List.of(
                            "resume.json",
                            "resume.safetensors",
                            "checkpoint_3.pth",
                            "full_model_at_checkpoint.safetensors"),
                    "one more step from a LAVIS checkpoint",
                    () -> oneMoreStep(golden));
            t.addWith(
                    List.of("half_vit.pth"),
                    "a state dict in half precision fills a float32 encoder",
                    () -> halfVit(golden));
        });
    }

    private static Blip2Opt model(Golden golden, Object tree) {
        var opt = Golden.at(GoldenCases.sibling(golden.folder(), "c_blip2_opt"));
        String prompt = Checkpoints.get(tree, String.class, "config", "model", "prompt");
        var model = new Blip2Opt(
                Blip2Case.config(opt.json("expected.json"), prompt), Blip2Case.tokenizer(opt), golden.device());
        model.eval();
        return model;
    }

    private static void oneMoreStep(Golden golden) {
        var resume = golden.json("resume.json");
        var file = golden.folder().resolve("checkpoint_3.pth");
        Map<?, ?> tree = Checkpoints.get(Checkpoints.read(file), Map.class);
        var model = model(golden, tree);
        model.load(golden.tensors("full_model_at_checkpoint.safetensors")).requireComplete("full model");
        var report = model.load(Checkpoints.stateDict(file)).requireComplete("checkpoint_3.pth");
        assertThat(report.missingFrozen()).isNotEmpty();

        var expected = golden.tensors("resume.safetensors");
        var image = Golden.get(expected, "image");
        var texts = Blip2Case.strings(resume.get("text_input"));
        try (var optimizer = optimizer(model, tree)) {
            optimizer.loadStateDict(Checkpoints.get(tree, Map.class, "optimizer"));
            assertThat(optimizer.lr()).isEqualTo(resume.get("lr").asDouble());
            var loss = model.forward(image, Texts.of(texts)).total();
            assertLoss(loss, resume.get("loss"));
            model.backward(loss);
            optimizer.step();
            assertLoss(model.forward(image, Texts.of(texts)).total(), resume.get("loss_after_one_more_step"));
        }
        var after = Golden.under("params_after/", expected);
        assertThat(after).isNotEmpty();
        after.forEach((name, value) -> {
            if (!Blip2OptTrainingParityTest.isNoise(name)) {
                Golden.assertClose(name, Golden.get(model.namedParameters(), name), value, 5e-5, 0);
            }
        });
    }

    private static AdamW optimizer(Blip2Opt model, Object tree) {
        double weightDecay = Checkpoints.get(tree, Double.class, "config", "run", "weight_decay");
        double beta2 = Checkpoints.get(tree, Double.class, "optimizer", "param_groups", 0, "betas", 1);
        return new AdamW(ParameterGroup.of(model, model.visualEncoder(), weightDecay, 1), 0, beta2);
    }

    /** Every value of a half-precision file arrives, converted. */
    private static void halfVit(Golden golden) {
        var opt = Golden.at(GoldenCases.sibling(golden.folder(), "c_blip2_opt"));
        var model = Blip2Case.model(opt, "");
        var file = Checkpoints.stateDict(golden.folder().resolve("half_vit.pth"));
        var report = model.load(file);
        assertThat(report.unexpected()).isEmpty();
        assertThat(report.loaded()).hasSameSizeAs(file.keySet());
        file.forEach((name, value) -> Golden.assertClose(name, Golden.get(model.stateDict(), name), value, 0, 0));
    }

    private static void assertLoss(Tensor loss, JsonNode expected) {
        assertThat(loss.item_double()).isCloseTo(expected.asDouble(), Offset.offset(1e-5 * expected.asDouble()));
    }
}
