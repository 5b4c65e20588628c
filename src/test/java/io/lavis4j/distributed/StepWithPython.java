package io.lavis4j.distributed;

import io.lavis4j.optim.AdamW;
import io.lavis4j.optim.ParameterGroup;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Libtorch;
import io.lavis4j.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** The part of {@code train_with_java.py} that is ours: a step of training, with gradients of all processes. */
final class StepWithPython {

    private static final int ROWS = 5;
    private static final double BOUND = 1e-6;

    private StepWithPython() {}

    public static void main(String[] arguments) {
        Libtorch.load();
        Libtorch.threads(1);
        try (var processes = Processes.join(GroupConfig.defaults(), "cpu", System::getenv, StepWithPython::end);
                var scope = new PointerScope()) {
            var parameters = new LinkedHashMap<String, Tensor>();
            parameters.put("weight", values(6, processes.rank()).view(2, 3).requires_grad_(true));
            parameters.put("bias", values(2, processes.rank() + 1).requires_grad_(true));
            parameters.put("unused", values(1, 0).requires_grad_(true));
            var tensors = List.copyOf(parameters.values());
            processes.broadcast(tensors, 0);
            try (var optimizer = new AdamW(List.of(new ParameterGroup(parameters, 0.05, 1)), 0.1, 0.98);
                    var buckets = new GradientBuckets(processes, tensors, Gather.alone())) {
                var x = values(ROWS * 3, 10 + processes.rank()).view(ROWS, 3);
                var loss = x.matmul(tensors.get(0).t())
                        .add(tensors.get(1))
                        .square()
                        .mean();
                buckets.begin();
                loss.backward();
                require("signals", buckets.finish(1 << processes.rank()) == 3);
                require("no gradient", !tensors.get(2).grad().defined());
                optimizer.step();
            }
            for (var tensor : tensors) {
                for (var other : processes.gather(tensor)) {
                    double difference = tensor.detach().sub(other).abs().max().item_double();
                    require("a difference of " + difference, difference <= BOUND);
                }
            }
            System.out.println("trained " + processes.rank());
        }
    }

    private static Tensor values(int count, int seed) {
        return Tensors.range(1, count + 1, Devices.cpu())
                .add(Tensors.scalar(0.3 * seed))
                .cos();
    }

    private static void require(String what, boolean holds) {
        if (!holds) {
            throw new IllegalStateException(what);
        }
    }

    private static void end(String reason) {
        System.err.println("lost: " + reason);
        System.err.flush();
        Runtime.getRuntime().halt(3);
    }
}
