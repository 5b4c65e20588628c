package io.lavis4j.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.config.ConfigException;
import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Tensors;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Groups whose processes are threads here. */
@ExtendWith(LibtorchFirst.class)
class GroupTest {

    private static final int WAIT_SECONDS = 60;
    private static final Executor THREADS = task -> new Thread(task, "a rank").start();

    private final int port = GroupProcesses.freePort();
    private final ConcurrentLinkedQueue<String> losses = new ConcurrentLinkedQueue<>();

    private static GroupConfig config(double join, double silence, double collective) {
        return new GroupConfig("env://", null, seconds(join), seconds(silence), seconds(collective));
    }

    private static Duration seconds(double seconds) {
        return Duration.ofMillis(Math.round(1000 * seconds));
    }

    private Rendezvous rendezvous(int rank, int world) {
        return new Rendezvous(rank, world, rank, "127.0.0.1", port, rank == 0);
    }

    private <T> CompletableFuture<T> joined(int rank, int world, GroupConfig config, Function<Processes, T> work) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try (var group = Group.join(rendezvous(rank, world), config, "cpu", losses::add)) {
                        try {
                            return work.apply(group);
                        } catch (IllegalStateException e) {
                            group.fail(String.valueOf(e.getMessage()));
                            throw e;
                        }
                    }
                },
                THREADS);
    }

    private static String error(CompletableFuture<?> rank) throws InterruptedException, TimeoutException {
        try {
            return "no error: " + rank.get(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            var cause = Objects.requireNonNull(e.getCause());
            return cause.getClass().getSimpleName() + ": " + cause.getMessage();
        }
    }

    private static Boolean barrier(Processes group) {
        group.barrier();
        return true;
    }

    private static Boolean sum(Processes group) {
        try (var scope = new PointerScope()) {
            group.sum(Tensors.of(new float[] {1, 2}, Devices.cpu()));
            return true;
        }
    }

    private static Boolean never(Processes group, CountDownLatch end) {
        sum(group);
        await(end);
        throw new IllegalStateException("released");
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whyOneFailsIsToldToTheOthers() throws InterruptedException, TimeoutException {
        for (int failing : List.of(0, 1)) {
            losses.clear();
            var ranks = new ArrayList<CompletableFuture<Boolean>>();
            for (int rank = 0; rank < 2; rank++) {
                ranks.add(joined(rank, 2, config(60, 3, 60), group -> {
                    if (group.rank() == failing) {
                        throw new IllegalStateException("no space left for the cache");
                    }
                    return barrier(group);
                }));
            }
            assertThat(error(ranks.get(failing))).isEqualTo("IllegalStateException: no space left for the cache");
            assertThat(error(ranks.get(1 - failing)))
                    .matches("LostProcessException: rank %d \\(.*, pid \\d+\\) failed: no space left for the cache"
                            .formatted(failing));
            assertThat(losses).hasSize(1);
        }
    }

    @Test
    void oneThatLivesAndDoesNotComeIsNamed() throws InterruptedException, TimeoutException {
        var end = new CountDownLatch(1);
        var config = config(60, 3, 2);
        var first = joined(0, 3, config, group -> sum(group) && barrier(group));
        var second = joined(1, 3, config, group -> never(group, end));
        var third = joined(2, 3, config, group -> sum(group) && barrier(group));
        String late =
                "collective 2 \\(barrier\\) waited 2 s for all processes, and not all came: rank 1 \\(.*\\), which"
                        + " lives, is at collective 1 \\(sum\\); there were rank [02] \\(.*\\), rank [02] \\(.*\\)";
        assertThat(error(first)).matches("LostProcessException: (rank 2 \\(.*\\) failed: )?" + late);
        assertThat(error(third)).matches("LostProcessException: (rank 0 \\(.*\\) failed: )?" + late);
        end.countDown();
        assertThat(error(second)).startsWith("IllegalStateException: ");
        assertThat(losses)
                .isNotEmpty()
                .allSatisfy(reason -> assertThat(reason).matches("rank [02] \\(.*\\) failed: " + late));
    }

    @Test
    void oneThatHasLeftIsNotWaitedFor() throws InterruptedException, TimeoutException {
        var first = joined(0, 2, config(60, 3, 60), GroupTest::sum);
        var second = joined(1, 2, config(60, 3, 60), group -> true);
        assertThat(error(second)).isEqualTo("no error: true");
        assertThat(error(first))
                .matches("LostProcessException: rank 1 \\(.*\\) has left the group, its work being done, while rank 0"
                        + " \\(.*\\) waits for it in collective 1 \\(sum\\)");
    }

    /** A validation of the first, say, while the others wait. */
    @Test
    void longWorkIsNotSilence() throws InterruptedException, TimeoutException {
        var config = config(60, 1, 60);
        var first = joined(0, 2, config, group -> {
            try {
                Thread.sleep(2500);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return barrier(group);
        });
        var second = joined(1, 2, config, GroupTest::barrier);
        assertThat(List.of(error(first), error(second))).containsOnly("no error: true");
        assertThat(losses).isEmpty();
    }

    @Test
    void worldsOfDifferentSizesAreTold() throws InterruptedException, TimeoutException {
        var first = joined(0, 2, config(3, 2, 60), GroupTest::barrier);
        var second = joined(1, 3, config(3, 2, 60), GroupTest::barrier);
        assertThat(List.of(error(first), error(second)))
                .anyMatch(error -> error.startsWith("ConfigException: WORLD_SIZE is "))
                .allMatch(
                        error -> error.matches(
                                "\\w+: (rank \\d \\(.*\\) failed: )?WORLD_SIZE is \\d here \\(rank \\d, .*\\) and \\d in the process that came first; expected the same"));
    }

    @Test
    void aRankIsTakenOnce() throws InterruptedException, TimeoutException {
        var first = joined(0, 2, config(3, 2, 60), GroupTest::barrier);
        try (var other = MeetingPoint.connect(rendezvous(1, 2), seconds(60))) {
            other.setIfAbsent("member/1", "other, pid 1");
            var second = joined(1, 2, config(3, 2, 60), GroupTest::barrier);
            assertThat(error(second))
                    .matches(
                            "ConfigException: RANK is 1 here \\(.*, pid \\d+\\), and that of other, pid 1, too; expected each from 0 to 1 once");
            assertThat(error(first)).contains("RANK is 1 here (");
        }
    }

    @Test
    void aRunThatUsesThePortOfAnotherLeavesThatAlone() throws InterruptedException, TimeoutException {
        var met = new CountDownLatch(2);
        var end = new CountDownLatch(1);
        Function<Processes, Boolean> work = group -> {
            sum(group);
            met.countDown();
            await(end);
            return barrier(group);
        };
        var first = joined(0, 2, config(60, 2, 60), work);
        var second = joined(1, 2, config(60, 2, 60), work);
        await(met);
        for (int world = 2; world < 4; world++) {
            assertThat(error(joined(1, world, config(60, 2, 60), GroupTest::barrier)))
                    .isEqualTo(
                            "ConfigException: MASTER_ADDR and MASTER_PORT are 127.0.0.1 and %d, where all processes of another run have met; expected a port that no other run uses"
                                    .formatted(port));
        }
        end.countDown();
        assertThat(List.of(error(first), error(second))).containsOnly("no error: true");
        assertThat(losses).isEmpty();
    }

    /** torchrun keeps one store for all. */
    @Test
    void anAttemptAfterOneThatFailedIsNotHeldUpByWhatItLeft() throws InterruptedException, TimeoutException {
        try (var point = MeetingPoint.open(rendezvous(0, 2), seconds(60))) {
            point.set("world", "2");
            point.set("complete", "yes");
            point.set("failed", "rank 1 failed");
            var ranks = new ArrayList<CompletableFuture<Boolean>>();
            for (int rank = 0; rank < 2; rank++) {
                var again = new Rendezvous(rank, 2, rank, "127.0.0.1", port, false, "attempt 1/");
                ranks.add(CompletableFuture.supplyAsync(
                        () -> {
                            try (var group = Group.join(again, config(60, 2, 60), "cpu", losses::add)) {
                                return barrier(group);
                            }
                        },
                        THREADS));
            }
            assertThat(List.of(error(ranks.get(0)), error(ranks.get(1)))).containsOnly("no error: true");
        }
        assertThat(losses).isEmpty();
    }

    @Test
    void whoDoesNotComeIsNamed() throws InterruptedException, TimeoutException {
        var first = joined(0, 3, config(2, 2, 60), GroupTest::barrier);
        var second = joined(1, 3, config(2, 2, 60), GroupTest::barrier);
        assertThat(error(first) + error(second))
                .contains("ConfigException: WORLD_SIZE is 3, and within 2 s 1 of them did not come to 127.0.0.1:" + port
                        + ": rank 2; expected processes with every rank from 0 to 2, or longer: run.dist_join_seconds");
    }

    @Test
    void aHostThatDoesNotAnswerIsNamed() throws InterruptedException, TimeoutException {
        assertThat(error(joined(1, 2, config(1, 2, 60), GroupTest::barrier)))
                .startsWith(
                        "ConfigException: MASTER_ADDR and MASTER_PORT are 127.0.0.1 and %d, and nobody answered there within 1 s ("
                                .formatted(port))
                .endsWith("); expected rank 0, which has the same values on the machine of that name, or longer:"
                        + " run.dist_join_seconds");
    }

    @Test
    void aPortInUseIsNamed() throws InterruptedException, TimeoutException, IOException {
        try (var taken = new ServerSocket(port)) {
            assertThat(error(joined(0, 2, config(60, 2, 60), GroupTest::barrier)))
                    .startsWith(
                            "ConfigException: MASTER_PORT is %1$d, and rank 0 cannot keep a store at 127.0.0.1:%1$d ("
                                    .formatted(taken.getLocalPort()))
                    .endsWith("); expected a port that nobody uses, on this machine");
        }
    }

    @Test
    void ncclIsForGpus() {
        var config = new GroupConfig("env://", "nccl", seconds(1), seconds(2), seconds(60));
        assertThatThrownBy(() -> Group.join(rendezvous(0, 2), config, "cpu", losses::add))
                .isInstanceOf(ConfigException.class)
                .hasMessage("run.dist_backend is nccl, and run.device cpu; expected gloo, or null");
    }

    @Test
    void collectivesLeaveNothingBehind() throws InterruptedException, TimeoutException {
        Function<Processes, Long> work = group -> {
            long before = 0;
            for (int i = 0; i < 6; i++) {
                if (i == 3) {
                    before = Pointer.totalCount();
                }
                try (var scope = new PointerScope()) {
                    var tensor = Tensors.of(new float[] {1, 2}, Devices.cpu());
                    group.sum(tensor);
                    group.broadcast(List.of(tensor), 0);
                    group.gather(tensor);
                    group.gather(new byte[] {1, 2, 3});
                }
                group.barrier();
                group.barrier();
            }
            return Pointer.totalCount() - before;
        };
        var first = joined(0, 2, config(60, 20, 60), work);
        var second = joined(1, 2, config(60, 20, 60), work);
        assertThat(error(second)).startsWith("no error: ");
        assertThat(error(first)).startsWith("no error: ");
        assertThat(Math.abs(first.join()) + Math.abs(second.join()))
                .as("but for what the other does")
                .isLessThan(100);
    }
}
