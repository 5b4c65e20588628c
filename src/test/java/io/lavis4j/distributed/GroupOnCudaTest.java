package io.lavis4j.distributed;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.fakecuda.OnFakeCuda;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Tensors;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Two processes, threads here, with a GPU each: what is computed between them, NCCL there cannot say. */
@OnFakeCuda
class GroupOnCudaTest {

    private final int port = GroupProcesses.freePort();

    private CompletableFuture<String> joined(int rank, @Nullable String backend) {
        var minute = Duration.ofMinutes(1);
        var config = new GroupConfig("env://", backend, minute, minute, minute);
        var rendezvous = new Rendezvous(rank, 2, rank, "127.0.0.1", port, rank == 0);
        return CompletableFuture.supplyAsync(
                () -> {
                    try (var scope = new PointerScope();
                            var group = Group.join(rendezvous, config, "cuda", reason -> {})) {
                        group.barrier();
                        if ("gloo".equals(backend)) {
                            group.sum(Tensors.of(new float[] {1, 2}, Devices.of(group.device("cuda"))));
                        }
                        return "%s: %s, cpu: %s"
                                .formatted(
                                        group.device("cuda"),
                                        backendOf(group, DeviceType.CUDA),
                                        backendOf(group, DeviceType.CPU));
                    }
                },
                task -> new Thread(task, "rank " + rank).start());
    }

    private static String backendOf(Group group, DeviceType device) {
        return group.processGroup().getBackend(device).getBackendName().getString();
    }

    private void assertBackend(@Nullable String backend, String expected) {
        var first = joined(0, backend);
        var second = joined(1, backend);
        assertThat(first.orTimeout(1, TimeUnit.MINUTES).join()).isEqualTo("cuda:0: %s, cpu: gloo".formatted(expected));
        assertThat(second.orTimeout(1, TimeUnit.MINUTES).join()).isEqualTo("cuda:1: %s, cpu: gloo".formatted(expected));
    }

    @Test
    void gpusTalkByNccl() {
        assertBackend(null, "nccl");
    }

    @Test
    void orByGlooIfAskedTo() {
        assertBackend("gloo", "gloo");
    }
}
