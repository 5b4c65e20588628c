package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.dataset.Batch;
import io.lavis4j.dataset.SampleTexts;
import io.lavis4j.distributed.Check;
import io.lavis4j.distributed.Processes;
import io.lavis4j.golden.Golden;
import io.lavis4j.golden.GoldenCases;
import io.lavis4j.model.Texts;
import io.lavis4j.model.blip2.Blip2Case;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.optim.AdamW;
import io.lavis4j.optim.LrSchedule;
import io.lavis4j.optim.ParameterGroup;
import io.lavis4j.optim.ScheduleType;
import io.lavis4j.runner.Accumulation.Normalization;
import io.lavis4j.task.ImageTextPretrainTask;
import io.lavis4j.tensor.Precision;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Tensor;

/** The reference's training, each process with a part of its batches, which count by their tokens. */
public final class GoldenTrainingChecks {

    private static final int STEPS = 3;

    private GoldenTrainingChecks() {}

    /** Adds those whose batches so many processes can share. */
    public static void addTo(Map<String, Check> checks, int world) {
        for (String name : List.of("c_blip2_opt_train_frozen_vit", "c_blip2_opt_train_train_vit")) {
            checks.put(name, (processes, folder) -> steps(processes, name));
        }
        if (world == 2) {
            checks.put("i_checkpoints", (processes, folder) -> oneMoreStep(processes));
        }
    }

    private static void steps(Processes processes, String name) {
        var golden = Golden.at(GoldenCases.of(name).get(0));
        var expected = golden.json("expected.json");
        var run = expected.get("run_cfg");
        var inputs = golden.tensors("inputs.safetensors");
        var schedule = new LrSchedule(
                ScheduleType.LINEAR_WARMUP_COSINE,
                run.get("max_epoch").asInt(),
                run.get("init_lr").asDouble(),
                run.get("min_lr").asDouble(),
                run.get("warmup_lr").asDouble(),
                run.get("warmup_steps").asLong(),
                1);
        double beta2 = run.get("beta2").asDouble();
        try (var model = Blip2Case.model(
                        golden, expected.get("config").get("prompt").asText());
                var optimizer = new AdamW(groups(model, run.get("weight_decay").asDouble()), 0, beta2, processes);
                var training = step(processes, model, optimizer, schedule);
                var meter = training.meter(LossMeter.Sums.NONE)) {
            for (int i = 0; i < STEPS; i++) {
                var step = expected.get("steps").get(i);
                int number = step.get("batch").asInt();
                var image = Golden.get(inputs, "image_" + number);
                var texts = Blip2Case.strings(expected.get("text_input").get(number));
                assertLoss(model.forward(image, Texts.of(texts)).total(), step.get("loss_before_step"));
                training.run(own(processes, image, texts), step.get("lr").asDouble(), meter, true, 0);
            }
            assertParameters(model, golden.tensors("expected_params_after3.safetensors"));
        }
    }

    private static void oneMoreStep(Processes processes) {
        var golden = Golden.at(GoldenCases.of("i_checkpoints").get(0));
        var resume = golden.json("resume.json");
        var expected = golden.tensors("resume.safetensors");
        Map<?, ?> tree = Checkpoints.get(Checkpoints.read(golden.folder().resolve("checkpoint_3.pth")), Map.class);
        double weightDecay = Checkpoints.get(tree, Double.class, "config", "run", "weight_decay");
        double beta2 = Checkpoints.get(tree, Double.class, "optimizer", "param_groups", 0, "betas", 1);
        var opt = Golden.at(GoldenCases.sibling(golden.folder(), "c_blip2_opt"));
        try (var model = Blip2Case.model(opt, Checkpoints.get(tree, String.class, "config", "model", "prompt"));
                var optimizer = new AdamW(groups(model, weightDecay), 0, beta2, processes)) {
            model.load(golden.tensors("full_model_at_checkpoint.safetensors")).requireComplete("full model");
            optimizer.loadStateDict(Checkpoints.get(tree, Map.class, "optimizer"));
            var schedule = new LrSchedule(ScheduleType.CONSTANT, 1, 1, 0, -1, 0, 1);
            try (var training = step(processes, model, optimizer, schedule);
                    var meter = training.meter(LossMeter.Sums.NONE)) {
                var texts = Blip2Case.strings(resume.get("text_input"));
                var batch = own(processes, Golden.get(expected, "image"), texts);
                training.run(batch, resume.get("lr").asDouble(), meter, true, 0);
            }
            assertParameters(model, Golden.under("params_after/", expected));
        }
    }

    private static List<ParameterGroup> groups(Blip2Opt model, double weightDecay) {
        return ParameterGroup.of(model, model.visualEncoder(), weightDecay, 1);
    }

    private static TrainStep step(Processes processes, Blip2Opt model, AdamW optimizer, LrSchedule schedule) {
        return new TrainStep(
                new TrainStep.Parts(model, new ImageTextPretrainTask(), optimizer, Precision.FP32, null),
                new Optimization(
                        schedule,
                        0,
                        0.9,
                        1,
                        new Accumulation(1, Normalization.TOKENS),
                        MixedPrecision.OFF,
                        null,
                        OnNonFinite.DEFAULT,
                        false),
                processes);
    }

    /** The rows of one process. */
    private static Batch own(Processes processes, Tensor image, List<String> texts) {
        int rows = texts.size() / processes.world(), first = processes.rank() * rows;
        return new Batch(
                image.narrow(0, first, rows),
                texts.subList(first, first + rows).stream()
                        .map(text -> SampleTexts.of("id", text))
                        .toList());
    }

    private static void assertParameters(Blip2Opt model, Map<String, Tensor> expected) {
        assertThat(expected).isNotEmpty();
        expected.forEach((name, value) -> {
            if (!Blip2OptTrainingParityTest.isNoise(name)) {
                Golden.assertClose(name, Golden.get(model.namedParameters(), name), value, 5e-5, 0);
            }
        });
    }

    private static void assertLoss(Tensor loss, JsonNode expected) {
        assertThat(loss.item_double()).isCloseTo(expected.asDouble(), Offset.offset(1e-5 * expected.asDouble()));
    }
}
