package io.lavis4j.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.GradientCheckpoint;
import io.lavis4j.tensor.GradientCheckpoint.Mode;
import io.lavis4j.tensor.Tensors;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Averages of gradients, of every kind of use that a parameter can have. */
final class GradientChecks {

    private static final int STEPS = 6;
    private static final int ACCUMULATED = 2;
    private static final int WIDTH = 8;
    private static final double BOUND = 1e-6;
    private static final int BUCKET_BYTES = 600;
    private static final int BUCKETS = 3; // of these bytes

    private GradientChecks() {}

    static void addTo(Map<String, Check> checks) {
        checks.put("gradients of a plain backward", (processes, folder) -> averaged(processes, null));
        checks.put("gradients through hooks", (processes, folder) -> averaged(processes, Mode.HOOKS));
        checks.put("gradients by segments", (processes, folder) -> averaged(processes, Mode.SEGMENTED));
        checks.put("joined gradients come before buckets", (processes, folder) -> joinedFirst(processes));
        checks.put("signals reach all", (processes, folder) -> signals(processes));
        checks.put("all begin as the first", (processes, folder) -> begin(processes));
    }

    /** What a forward pass depends on. */
    private record Batch(int rank, int step, int micro) {

        Tensor words() {
            int first = rank + 2 * step + micro;
            return Tensors.of(new long[] {first % 5, (first + 2) % 5, 3}, Devices.cpu());
        }

        /** Another block is left out in the last process alone. */
        boolean leavesOut(int world) {
            return step == 3 && rank == world - 1;
        }
    }

    /** Tied words, recomputed blocks of which two share a weight, and parameters of some processes and steps. */
    private static final class Net {
        private final Map<String, Tensor> parameters = new LinkedHashMap<>();
        private final int world;

        Net(int world) {
            this.world = world;
            add("words", 5, WIDTH);
            add("never", WIDTH);
            add("odd", WIDTH);
            add("from the third step", WIDTH);
            for (int i = 0; i < 4; i++) {
                add("block " + i, WIDTH, WIDTH);
            }
            add("shared", WIDTH, WIDTH);
        }

        private void add(String name, long... shape) {
            long size = java.util.Arrays.stream(shape).reduce(1, (a, b) -> a * b);
            var values = Tensors.range(1, size + 1, Devices.cpu())
                    .mul(Tensors.scalar(0.37 + parameters.size()))
                    .sin()
                    .mul(Tensors.scalar(0.4));
            parameters.put(name, values.view(shape).requires_grad_(true));
        }

        List<Tensor> tensors() {
            return List.copyOf(parameters.values());
        }

        private Tensor get(String name) {
            return java.util.Objects.requireNonNull(parameters.get(name));
        }

        Tensor loss(Batch batch, @Nullable GradientCheckpoint checkpoint) {
            var x = get("words").index_select(0, batch.words()).mul(Tensors.scalar(1.5)); // (3, D)
            if (batch.rank() % 2 == 1 && batch.step() % 2 == 0) {
                x = x.mul(get("odd"));
            }
            for (int i = 0; i < 4; i++) {
                int number = i;
                if (number == 3 && batch.leavesOut(world)) {
                    continue;
                }
                x = checkpoint == null
                        ? block(number, batch, x)
                        : checkpoint.run(true, input -> block(number, batch, input), x);
            }
            return x.matmul(get("words").t()).square().mean();
        }

        private Tensor block(int number, Batch batch, Tensor x) {
            var y = x.matmul(get("block " + number)).tanh();
            if (number % 2 == 1) {
                y = y.matmul(get("shared"));
            }
            if (number == 2 && batch.step() >= 2) {
                y = y.mul(get("from the third step"));
            }
            return x.add(y);
        }

        void clear() {
            parameters.values().forEach(p -> p.mutable_grad().put(new Tensor()));
        }
    }

    private static void averaged(Processes processes, @Nullable Mode mode) {
        int world = processes.world();
        var begun = new AtomicInteger();
        var net = new Net(world);
        var joined = new Net(world);
        try (var buckets =
                new GradientBuckets(counting(processes, begun), net.tensors(), Gather.alone(), BUCKET_BYTES)) {
            for (int step = 0; step < STEPS; step++) {
                try (var scope = new PointerScope()) {
                    int before = begun.get();
                    for (int micro = 0; micro < ACCUMULATED; micro++) {
                        if (micro + 1 == ACCUMULATED) {
                            assertThat(begun.get())
                                    .as("sums before the last backward")
                                    .isEqualTo(before);
                            buckets.begin();
                        }
                        backward(net, new Batch(processes.rank(), step, micro), mode);
                    }
                    if (step > 0 && step != 3) { // the first waits for what is never used, one for a block left out
                        assertThat(begun.get())
                                .as("sums in backward, step %d", step)
                                .isGreaterThan(before);
                    }
                    assertThat(buckets.finish(0)).isZero();
                    if (step == 1) { // the uses of shared parameters are known
                        assertThat(begun.get() - before)
                                .as("each bucket is sent once")
                                .isEqualTo(BUCKETS);
                    }
                    for (int rank = 0; rank < world; rank++) {
                        for (int micro = 0; micro < ACCUMULATED; micro++) {
                            joined.loss(new Batch(rank, step, micro), null)
                                    .div(Tensors.scalar((double) ACCUMULATED * world))
                                    .backward();
                        }
                    }
                    compare(processes, step, net, joined);
                    net.clear();
                    joined.clear();
                }
            }
        }
        net.loss(new Batch(processes.rank(), 0, 0), null).backward(); // without hooks again
        assertThat(net.get("shared").grad().defined()).isTrue();
    }

    private static void backward(Net net, Batch batch, @Nullable Mode mode) {
        if (mode == null) {
            net.loss(batch, null).div(Tensors.scalar(ACCUMULATED)).backward();
            return;
        }
        try (var checkpoint = new GradientCheckpoint(mode)) {
            checkpoint.backward(net.loss(batch, checkpoint).div(Tensors.scalar(ACCUMULATED)));
        }
    }

    private static void compare(Processes processes, int step, Net net, Net joined) {
        net.parameters.forEach((name, parameter) -> {
            var expected = joined.get(name).grad();
            assertThat(parameter.grad().defined())
                    .as("gradient of %s in step %d", name, step)
                    .isEqualTo(expected.defined());
            if (expected.defined()) {
                var found = new Tensor(parameter.grad());
                assertThat(found.sub(expected).abs().max().item_double())
                        .as("gradient of %s in step %d", name, step)
                        .isLessThan(BOUND);
                for (var other : processes.gather(found)) {
                    assertThat(torch.equal(other, found))
                            .as("%s is the same in all", name)
                            .isTrue();
                }
            }
        });
        assertThat(joined.get("never").grad().defined()).isFalse();
        assertThat(joined.get("from the third step").grad().defined()).isEqualTo(step >= 2);
    }

    /** The same processes; counts the sums that have begun. */
    private static Processes counting(Processes processes, AtomicInteger begun) {
        return (Processes) Proxy.newProxyInstance(
                Processes.class.getClassLoader(), new Class<?>[] {Processes.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("beginSum")) {
                        begun.incrementAndGet();
                    }
                    try {
                        return method.invoke(processes, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** What backward comes to first is sent by the first process alone, the others do not use it. */
    private static void joinedFirst(Processes processes) {
        var before = torch.ones(3).requires_grad_(true);
        var after = torch.ones(5).requires_grad_(true);
        var first = torch.ones(7).requires_grad_(true);
        try (var gather = new Gather(processes);
                var buckets = new GradientBuckets(processes, List.of(before, after, first), gather, 1)) {
            var rows = gather.joined(
                    before.mul(Tensors.scalar(1 + processes.rank())).view(1, 3)); // (W, 3)
            var loss = rows.square().sum().add(after.sum());
            buckets.begin();
            (processes.isFirst() ? loss.add(first.sum()) : loss).backward();
            buckets.finish(0);
        }
        double squares = 0;
        for (int rank = 0; rank < processes.world(); rank++) {
            squares += Math.pow(1 + rank, 2);
        }
        assertThat(Tensors.doubles(new Tensor(before.grad())))
                .as("every process has the rows of all")
                .containsOnly(2 * squares);
        assertThat(Tensors.doubles(new Tensor(first.grad()))).containsOnly((double) 1f / processes.world());
    }

    private static void signals(Processes processes) {
        try (var buckets = new GradientBuckets(processes, new Net(processes.world()).tensors(), Gather.alone())) {
            buckets.begin();
            assertThat(buckets.finish(processes.rank() < 2 ? 1 << processes.rank() : 0))
                    .isEqualTo(3);
            buckets.begin();
            assertThat(buckets.finish(0)).isZero();
        }
    }

    private static void begin(Processes processes) {
        var same = Tensors.range(0, 6, Devices.cpu());
        var drawn = torch.randn(4, 3);
        var turned = torch.randn(2, 3).t();
        var tensors = new LinkedHashMap<String, Tensor>();
        tensors.put("same", same);
        tensors.put("drawn", drawn);
        tensors.put("turned", turned);
        SameStart.of(processes, tensors);
        for (var tensor : List.of(same, drawn, turned)) {
            processes
                    .gather(tensor)
                    .forEach(other -> assertThat(torch.equal(other, tensor)).isTrue());
        }
        var other = torch.zeros(2, 1 + processes.rank());
        assertThatThrownBy(() -> SameStart.of(processes, Map.of("head.weight", other)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("process 1 is not that of process 0")
                .hasMessageContaining("head.weight (2, 2) Float")
                .hasMessageContaining("head.weight (2, 1) Float");
    }
}
