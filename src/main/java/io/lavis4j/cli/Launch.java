package io.lavis4j.cli;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Processes of one command on this machine, and as many on each of the others.
 *
 * @param host where all meet
 * @param port there
 * @param machines how many there are
 * @param machine number of this one, from 0
 * @param here processes on each
 * @param command that starts each, with its arguments
 */
record Launch(String host, int port, int machines, int machine, int here, List<String> command) {

    private static final String THREADS = "OMP_NUM_THREADS";

    Launch {
        command = List.copyOf(command);
    }

    int rank(int local) {
        return machine * here + local;
    }

    /**
     * What the environment of a process has over that of this one.
     *
     * @param local number of the process on this machine, from 0
     * @param environment of this process
     */
    Map<String, String> variables(int local, UnaryOperator<@Nullable String> environment) {
        var variables = new HashMap<String, String>();
        variables.put("RANK", String.valueOf(rank(local)));
        variables.put("WORLD_SIZE", String.valueOf(machines * here));
        variables.put("LOCAL_RANK", String.valueOf(local));
        variables.put("LOCAL_WORLD_SIZE", String.valueOf(here));
        variables.put("MASTER_ADDR", host);
        variables.put("MASTER_PORT", String.valueOf(port));
        variables.put("TORCHELASTIC_USE_AGENT_STORE", "False"); // rank 0 keeps the store
        variables.put(Launched.VARIABLE, String.valueOf(ProcessHandle.current().pid()));
        if (environment.apply(THREADS) == null) {
            int cores = Runtime.getRuntime().availableProcessors();
            variables.put(THREADS, String.valueOf(Math.max(1, cores / here)));
        }
        return variables;
    }
}
