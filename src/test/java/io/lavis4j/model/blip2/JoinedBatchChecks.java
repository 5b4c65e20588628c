package io.lavis4j.model.blip2;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.distributed.Check;
import io.lavis4j.distributed.Gather;
import io.lavis4j.distributed.GradientBuckets;
import io.lavis4j.distributed.Processes;
import io.lavis4j.golden.Golden;
import io.lavis4j.golden.GoldenCases;
import io.lavis4j.model.Losses;
import io.lavis4j.model.Texts;
import io.lavis4j.model.TrainableModel;
import io.lavis4j.optim.AdamW;
import io.lavis4j.optim.ParameterGroup;
import io.lavis4j.tensor.GradientCheckpoint;
import io.lavis4j.tensor.GradientCheckpoint.Mode;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tokenize.Padding;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Models whose batches several processes share. */
public final class JoinedBatchChecks {

    private static final int B = 4;
    private static final int STEPS = 50;
    private static final double BOUND = 1e-6;
    private static final long[] IDS = {7, 3, 7, 5};

    private JoinedBatchChecks() {}

    /** Adds these. */
    public static void addTo(Map<String, Check> checks) {
        checks.put("contrast and matching over all", (processes, folder) -> compare(processes, new long[0], null));
        checks.put("images that are the same", (processes, folder) -> compare(processes, IDS, Mode.HOOKS));
        checks.put("matching by segments", (processes, folder) -> compare(processes, IDS, Mode.SEGMENTED));
        checks.put("e_blip2_qformer_stage1_train", (processes, folder) -> steps(processes));
        checks.put("fifty steps of a trained encoder", (processes, folder) -> {
            try (var model = stage1()) {
                model.visualEncoder().useGradientCheckpoint(new GradientCheckpoint(Mode.HOOKS));
                train(processes, model);
            }
        });
        checks.put("fifty steps of a frozen encoder", (processes, folder) -> {
            var golden = Golden.at(GoldenCases.of("c_blip2_opt").get(0));
            try (var model = Blip2Case.model(golden, "a photo of")) {
                train(processes, model);
            }
        });
    }

    private static Golden golden() {
        return Golden.at(GoldenCases.of("e_blip2_qformer_stage1").get(0));
    }

    private static Blip2Qformer stage1() {
        return Blip2Case.stage1(golden());
    }

    /**
     * The losses of some rows among those of all processes; text i + turn is beside image i.
     *
     * @param first of the rows
     */
    private static Losses losses(Blip2Qformer model, Gather gather, int first, int rows, int turn, long... ids) {
        var golden = golden();
        var image = Golden.get(golden.tensors("inputs.safetensors"), "image").narrow(0, first, rows);
        var texts = Blip2Case.strings(golden.json("expected.json").get("texts"));
        Collections.rotate(texts, -turn);
        int length = model.config().blip2().maxTxtLen();
        var tokens = model.encode(texts.subList(first, first + rows), length, new Padding.ToLength(length));
        long[] next =
                LongStream.range(first, first + rows).map(b -> (b + 1) % B).toArray();
        long[] own = ids.length == 0 ? ids : Arrays.copyOfRange(ids, first, first + rows);
        return new Stage1Loss(model, chances -> Tensors.of(next, image.device()), gather).of(image, tokens, own);
    }

    /** Contrast and matching; captions count by their tokens. */
    private static Tensor loss(Blip2Qformer model, Gather gather, int first, int rows, long... ids) {
        var parts = losses(model, gather, first, rows, 0, ids).parts();
        return Golden.get(parts, "loss_itc").add(Golden.get(parts, "loss_itm"));
    }

    /** The reference's steps; each process has some rows of its batches. */
    private static void steps(Processes processes) {
        var steps = Golden.at(GoldenCases.of("e_blip2_qformer_stage1_train").get(0));
        var run = steps.json("expected.json").get("run_cfg");
        int rows = B / processes.world(), first = processes.rank() * rows;
        try (var model = stage1();
                var optimizer = new AdamW(
                        ParameterGroup.of(
                                model,
                                model.visualEncoder(),
                                run.get("weight_decay").asDouble(),
                                1),
                        0,
                        run.get("beta2").asDouble(),
                        processes);
                var gather = new Gather(processes);
                var buckets = new GradientBuckets(
                        processes, List.copyOf(model.trainableParameters().values()), gather)) {
            for (var step : steps.json("expected.json").get("steps")) {
                var losses =
                        losses(model, gather, first, rows, step.get("batch").asInt());
                var tokens = torch.full(new long[] {1}, Tensors.scalar((double) losses.tokens()));
                processes.sum(tokens);
                double share = processes.world() * losses.tokens() / tokens.item_double();
                var captioning = Golden.get(losses.parts(), "loss_lm");
                var loss = losses.total().add(captioning.mul(Tensors.scalar(share - 1)));
                buckets.begin();
                model.backward(loss);
                buckets.finish(0);
                optimizer.lr(step.get("lr").asDouble());
                optimizer.step();
                optimizer.zeroGrad();
                var mean = loss.detach().clone();
                processes.sum(mean);
                double expected = step.get("loss").asDouble();
                assertThat(mean.item_double() / processes.world()).isCloseTo(expected, Offset.offset(1e-5 * expected));
            }
            steps.tensors("expected_params_after3.safetensors").forEach((name, value) -> {
                if (!TrainingStepsParityTest.isNoise(name)) {
                    Golden.assertClose(name, Golden.get(model.namedParameters(), name), value, 5e-5, 0);
                }
            });
        }
    }

    private static void compare(Processes processes, long[] ids, @Nullable Mode mode) {
        try (var one = stage1();
                var model = stage1();
                var gather = new Gather(processes);
                var buckets = new GradientBuckets(
                        processes, List.copyOf(model.trainableParameters().values()), gather);
                var checkpoint = new GradientCheckpoint(mode == null ? Mode.HOOKS : mode)) {
            model.visualEncoder().useGradientCheckpoint(mode == null ? null : checkpoint);
            var expected = loss(one, Gather.alone(), 0, B, ids);
            expected.backward();
            int rows = B / processes.world();
            for (int step = 0; step < 2; step++) { // in the second gradients are sent in backward
                model.zeroGrad();
                var found = loss(model, gather, processes.rank() * rows, rows, ids);
                buckets.begin();
                checkpoint.backward(found);
                buckets.finish(0);
                var mean = found.detach().clone();
                processes.sum(mean);
                assertThat(mean.item_double() / processes.world())
                        .isCloseTo(expected.item_double(), Offset.offset(BOUND));
                requireSame(one.namedParameters(), model.namedParameters());
            }
        }
    }

    private static void requireSame(Map<String, Tensor> expected, Map<String, Tensor> found) {
        var differences = new LinkedHashMap<String, Double>();
        expected.forEach((name, parameter) -> {
            var own = Golden.get(found, name);
            assertThat(own.grad().defined()).as(name).isEqualTo(parameter.grad().defined());
            if (own.grad().defined()) {
                double difference =
                        new Tensor(own.grad()).sub(parameter.grad()).abs().max().item_double();
                double bound = name.equals("temp") ? 10 * BOUND : BOUND; // temp's is a small sum of large terms
                if (!(difference <= bound)) {
                    differences.put(name, difference);
                }
            }
        });
        assertThat(differences).isEmpty();
    }

    private static long least(long[] values, int from, int to) {
        return Arrays.stream(values, from, to).min().orElseThrow();
    }

    /** Trains on what each process draws, in train mode. */
    private static void train(Processes processes, TrainableModel model) {
        var module = model.module();
        module.train(true);
        var groups = ParameterGroup.of(module, model.visualEncoder(), 0.05, 1);
        var parameters = List.copyOf(module.trainableParameters().values());
        try (var optimizer = new AdamW(groups, 1e-3, 0.999, processes);
                var gather = new Gather(processes);
                var buckets = new GradientBuckets(processes, parameters, gather)) {
            model.joinBatches(gather);
            long[] objects = new long[STEPS];
            for (int step = 0; step < STEPS; step++) {
                try (var scope = new PointerScope()) {
                    var image = torch.randn(2, 3, 42, 42);
                    var texts = Texts.of(List.of("a dog " + processes.rank(), "step " + step));
                    var loss = model.forward(image, texts).total();
                    buckets.begin();
                    model.backward(loss);
                    buckets.finish(0);
                    optimizer.step();
                    optimizer.zeroGrad();
                }
                objects[step] = Pointer.totalCount();
            }
            assertThat(least(objects, STEPS - 5, STEPS)) // a thread beside may hold some for a moment
                    .as("native objects")
                    .isLessThanOrEqualTo(least(objects, STEPS - 10, STEPS - 5));
        }
        module.stateDict()
                .forEach((name, tensor) -> processes
                        .gather(tensor)
                        .forEach(other ->
                                assertThat(torch.equal(other, tensor)).as(name).isTrue()));
    }
}
