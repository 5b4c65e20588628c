package io.lavis4j.distributed;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.distributed.GroupProcesses.Seconds;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Processes in a group on this machine, and what becomes of the others if one is killed or stopped. */
class GroupIT {

    private static final int LOST = 3;

    /** With a sign of life every 0.3 s. */
    private static final Seconds IMPATIENT = new Seconds(60, 3, 60);

    private static void join(GroupProcesses group) {
        assertThat(group.answers()).allMatch(line -> line.startsWith("joined "));
    }

    private static void signal(Process process, String name) throws IOException, InterruptedException {
        var kill = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()));
        assertThat(kill.start().waitFor()).isZero();
    }

    @Test
    void twoProcessesDoEverythingTogether() throws InterruptedException {
        try (var group = GroupProcesses.of(2, Seconds.usual())) {
            assertThat(group.answers()).containsExactly("joined 0 of 2", "joined 1 of 2");
            assertThat(group.all("barrier")).containsOnly("barrier");
            assertThat(group.all("sum")).containsOnly("[3.0, 10.0, 2.0, -1.0]");
            assertThat(group.all("sum of a view")).containsOnly("[1.0, 1.0, 1.0, 2.0]");
            assertThat(group.all("broadcast")).containsOnly("[1.0, 1.0] 11 [1.0, 1.0, 7.0, 8.0]");
            assertThat(group.all("gather")).containsOnly("(2, 2)[0.0, 1.0, 2.0, 0.0] (2, 2)[1.0, 1.0, 2.0, 1.0]");
            assertThat(group.all("gather bytes")).containsOnly("|é");
            group.tell("leave");
            assertThat(group.status(0)).as(group.errors(0)).isZero();
            assertThat(group.status(1)).as(group.errors(1)).isZero();
        }
    }

    @Test
    void aKilledProcessIsNamedByTheOthers() throws InterruptedException {
        try (var group = GroupProcesses.of(4, IMPATIENT)) {
            join(group);
            group.all("sum");
            group.tell(0, "barrier");
            group.tell(1, "barrier");
            group.tell(3, "barrier");
            group.process(2).destroyForcibly();
            for (int rank : List.of(0, 1, 3)) {
                assertThat(group.status(rank)).as("rank %d", rank).isEqualTo(LOST);
                assertThat(group.errors(rank))
                        .startsWith("lost: " + group.name(2)
                                + " is gone: its connections are closed, and it has not answered for ")
                        .contains(" s; it was last ");
            }
        }
    }

    @Test
    void theEndOfTheProcessThatKeepsTheStoreIsNamed() throws InterruptedException {
        try (var group = GroupProcesses.of(2, IMPATIENT)) {
            join(group);
            group.tell(1, "barrier");
            group.process(0).destroyForcibly();
            assertThat(group.status(1)).isEqualTo(LOST);
            assertThat(group.errors(1))
                    .startsWith("lost: " + group.name(0) + " is gone: the store that it kept at 127.0.0.1:");
        }
    }

    @Test
    void aStoppedProcessIsNamedByTheOthersAndEndsWhenItGoesOn() throws InterruptedException, IOException {
        try (var group = GroupProcesses.of(2, IMPATIENT)) {
            join(group);
            group.tell(0, "barrier");
            signal(group.process(1), "STOP");
            assertThat(group.status(0)).isEqualTo(LOST);
            assertThat(group.errors(0))
                    .isEqualTo("lost: " + group.name(1)
                            + " has not answered for 3 s; it was last before its first collective");
            signal(group.process(1), "CONT");
            assertThat(group.status(1)).as("no orphan").isEqualTo(LOST);
        }
    }

    @Test
    void aStoppedProcessThatKeepsTheStoreIsNamed() throws InterruptedException, IOException {
        try (var group = GroupProcesses.of(2, IMPATIENT)) {
            join(group);
            group.tell(1, "barrier");
            signal(group.process(0), "STOP");
            assertThat(group.status(1)).isEqualTo(LOST);
            assertThat(group.errors(1))
                    .startsWith("lost: " + group.name(0)
                            + " has not answered for 3 s, and neither has the store that it keeps at 127.0.0.1:");
        }
    }
}
