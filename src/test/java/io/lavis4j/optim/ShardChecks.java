package io.lavis4j.optim;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.distributed.Check;
import io.lavis4j.distributed.Processes;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** AdamW's state in several processes. */
public final class ShardChecks {

    private static final int STEPS = 4;
    private static final double LR = 0.05;

    private ShardChecks() {}

    /** Adds these. */
    public static void addTo(Map<String, Check> checks) {
        checks.put("a shared optimizer takes the same steps", ShardChecks::steps);
    }

    /** Parameters, of which one has no gradient until the third step, and one has it never. */
    private record Learner(List<ParameterGroup> groups, AdamW optimizer) {

        static Learner of(Processes sharing) {
            var groups = List.of(
                    new ParameterGroup(new LinkedHashMap<>(), 0.05, 1),
                    new ParameterGroup(new LinkedHashMap<>(), 0, 1));
            for (int i = 0; i < 9; i++) {
                int rows = i + 1;
                var parameter =
                        Scopes.retained(() -> values(rows, rows).view(rows, 3).requires_grad_(true));
                groups.get(i % 2).parameters().put("p" + i, parameter);
            }
            return new Learner(groups, new AdamW(groups, LR, 0.98, sharing));
        }

        List<Tensor> parameters() {
            return optimizer.parameters();
        }

        void step(int step) {
            try (var scope = new PointerScope()) {
                int i = 0;
                for (var parameter : parameters()) {
                    boolean used = i != 0 && (i != 3 || step >= 2);
                    if (used) {
                        parameter
                                .mutable_grad()
                                .put(values(parameter.numel() / 3, step + i).view(parameter.shape()));
                    }
                    i++;
                }
                var gradients = optimizer.gradients();
                GradNorm.clip(gradients, GradNorm.of(gradients, Devices.cpu()), 1);
                optimizer.step();
                optimizer.zeroGrad();
            }
        }
    }

    private static Tensor values(long rows, int seed) {
        return Tensors.range(seed, seed + 3 * rows, Devices.cpu())
                .mul(Tensors.scalar(1.7))
                .cos();
    }

    private static void steps(Processes processes, Path folder) {
        var one = Learner.of(Processes.alone());
        var all = Learner.of(processes);
        for (int step = 0; step < STEPS; step++) {
            one.step(step);
            all.step(step);
            requireSame(one, all);
        }
        requireBalance(processes, all.parameters());
        var file = folder.resolve("optimizer.pth");
        write(processes, all, file);
        if (processes.isFirst()) {
            write(Processes.alone(), one, folder.resolve("one.pth"));
            assertThat(file).hasSameBinaryContentAs(folder.resolve("one.pth"));
        }
        var resumed = Learner.of(processes);
        var unshared = Learner.of(Processes.alone());
        for (var learner : List.of(resumed, unshared)) {
            for (int i = 0; i < learner.parameters().size(); i++) {
                learner.parameters()
                        .get(i)
                        .set_data(one.parameters().get(i).detach().clone());
            }
            try (var scope = new PointerScope()) {
                learner.optimizer().loadStateDict(Checkpoints.get(Checkpoints.read(file), Map.class));
            }
        }
        one.step(STEPS);
        for (var learner : List.of(resumed, unshared)) {
            learner.step(STEPS);
            requireSame(one, learner);
        }
    }

    private static void requireBalance(Processes processes, List<Tensor> parameters) {
        var shards = new Shards(processes, parameters);
        long own = 0, largest = 0, sum = 0;
        for (int i = 0; i < parameters.size(); i++) {
            long size = parameters.get(i).numel();
            own += shards.isOwn(i) ? size : 0;
            largest = Math.max(largest, size);
            sum += size;
        }
        long found = 0;
        for (var other : processes.gather(Tensors.of(new long[] {own}, Devices.cpu()))) {
            assertThat(Math.abs(other.item_long() - own)).isLessThanOrEqualTo(largest);
            found += other.item_long();
        }
        assertThat(found).as("each parameter has one owner").isEqualTo(sum);
    }

    private static void write(Processes processes, Learner learner, Path file) {
        try (var scope = new PointerScope()) {
            var state = learner.optimizer().stateDict();
            if (processes.isFirst()) {
                Checkpoints.write(file, state);
            }
        }
        processes.barrier();
    }

    private static void requireSame(Learner one, Learner other) {
        for (int i = 0; i < one.parameters().size(); i++) {
            assertThat(torch.equal(one.parameters().get(i), other.parameters().get(i)))
                    .as("parameter %d", i)
                    .isTrue();
        }
    }
}
