package io.lavis4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LaunchCommandTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "launch | Missing required parameter: 'COMMAND'",
                "launch score --gt a | COMMAND score: expected train, evaluate or caption",
                "launch --nproc_per_node 2 train | Missing required option: '--cfg-path=FILE'",
                "launch train --cfg-path a --nproc_per_node 2 | Unknown options: '--nproc_per_node', '2'",
                "launch --nproc_per_node two train --cfg-path a | --nproc_per_node two: expected a whole number from 1; the number of processes does not change",
                "launch --nproc_per_node 0 train --cfg-path a | --nproc_per_node 0: expected a whole number from 1; the number of processes does not change",
                "launch --nnodes 1:4 train --cfg-path a | --nnodes 1:4: expected a whole number from 1; the number of processes does not change",
                "launch --nnodes 2 train --cfg-path a | --nnodes 2: expected --rdzv_endpoint HOST:PORT with it, the same on all machines",
                "launch --nnodes 2 --node_rank 2 --rdzv_endpoint a:1 train --cfg-path a | --node_rank 2: expected a number below that of the machines, --nnodes 2",
                "launch --rdzv_endpoint a train --cfg-path a | --rdzv_endpoint a: expected HOST:PORT, a port from 1 to 65535",
                "launch --rdzv_endpoint a:70000 train --cfg-path a | --rdzv_endpoint a:70000: expected HOST:PORT, a port from 1 to 65535",
                "launch --rdzv_endpoint localhost:0 train --cfg-path a | --rdzv_endpoint localhost:0: expected HOST:PORT, a port from 1 to 65535",
                "launch --kill_after -1 train --cfg-path a | --kill_after -1: expected a number of seconds"
            })
    void wrongUseIsToldBeforeAnythingStarts(String command, String problem) {
        var err = new StringWriter();
        int status = Main.run(new PrintWriter(new StringWriter()), new PrintWriter(err, true), command.split(" ", -1));
        assertThat(status).isEqualTo(2);
        assertThat(err.toString()).startsWith(problem);
    }

    @Test
    void everyProcessIsToldWhichItIs() {
        var launch = new Launch("node0", 29400, 2, 1, 4, List.of("java"));
        assertThat(launch.variables(2, Map.of("OMP_NUM_THREADS", "3")::get))
                .containsOnly(
                        Map.entry("RANK", "6"),
                        Map.entry("WORLD_SIZE", "8"),
                        Map.entry("LOCAL_RANK", "2"),
                        Map.entry("LOCAL_WORLD_SIZE", "4"),
                        Map.entry("MASTER_ADDR", "node0"),
                        Map.entry("MASTER_PORT", "29400"),
                        Map.entry("TORCHELASTIC_USE_AGENT_STORE", "False"),
                        Map.entry(
                                "LAVIS4J_LAUNCH",
                                String.valueOf(ProcessHandle.current().pid())));
    }

    @Test
    void coresAreShared() {
        int cores = Runtime.getRuntime().availableProcessors();
        assertThat(new Launch("node0", 29400, 1, 0, 1, List.of("java")).variables(0, name -> null))
                .containsEntry("OMP_NUM_THREADS", String.valueOf(cores));
        assertThat(new Launch("node0", 29400, 1, 0, 2 * cores, List.of("java")).variables(0, name -> null))
                .containsEntry("OMP_NUM_THREADS", "1");
    }
}
