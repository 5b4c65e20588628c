package io.lavis4j.distributed;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.distributed.GroupProcesses.Seconds;
import org.junit.jupiter.api.Test;

/** Processes in a group on this machine. */
class GroupIT {

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
}
