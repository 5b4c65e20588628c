package io.lavis4j.distributed;

import io.lavis4j.config.ConfigException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Where the processes of a run meet, and as which of them this one comes.
 *
 * @param rank number of this process, from 0
 * @param world how many there are, at least 2
 * @param localRank number of this process on its machine, from 0; its GPU
 * @param host of the store that all connect to
 * @param port of the store
 * @param keepsStore whether this process keeps the store: the first, unless torchrun does
 * @param prefix of all names in the store: torchrun's has those of earlier attempts, too; empty for the first
 */
public record Rendezvous(int rank, int world, int localRank, String host, int port, boolean keepsStore, String prefix) {

    private static final String FROM_ENVIRONMENT = "env://";
    private static final String TCP = "tcp://";
    private static final int DEFAULT_PORT = 29500; // c10d's
    private static final int SLURM_PORTS = 20_000;
    private static final int MAX_PORT = 65_535;

    /** A first attempt. */
    public Rendezvous(int rank, int world, int localRank, String host, int port, boolean keepsStore) {
        this(rank, world, localRank, host, port, keepsStore, "");
    }

    /**
     * What the environment says: torchrun's and Kubeflow's {@code RANK}, {@code WORLD_SIZE}, {@code LOCAL_RANK},
     * {@code MASTER_ADDR} and {@code MASTER_PORT}; where neither of the first two is set, SLURM's variables of a task,
     * with the first host of the job and a port made of its number unless {@code MASTER_ADDR} and {@code MASTER_PORT}
     * say others.
     *
     * @param environment the variables by name
     * @param url {@code env://}, or {@code tcp://HOST:PORT} in the place of the variables of the store
     * @return {@code null} for one process
     * @throws ConfigException with every variable that is missing, or contradicts another
     */
    public static @Nullable Rendezvous of(UnaryOperator<@Nullable String> environment, String url) {
        var variables = new Variables(environment);
        var found = variables.find(url);
        if (!variables.problems.isEmpty()) {
            throw new ConfigException(variables.problems);
        }
        return found;
    }

    /** The rank that the environment gives this process; 0 where it gives none that is a number. */
    public static int rank(UnaryOperator<@Nullable String> environment) {
        String rank = environment.apply("RANK");
        String found = rank == null || rank.isBlank() ? environment.apply("SLURM_PROCID") : rank;
        return found != null && found.strip().matches("\\d{1,9}") ? Integer.parseInt(found.strip()) : 0;
    }

    /** The first host of SLURM's notation: {@code gpu[003-006,009],login1} begins with {@code gpu003}. */
    static String firstHost(String list) {
        return list.replaceFirst("^((?:[^,\\[\\]]|\\[[^\\]]*\\])*).*$", "$1")
                .replaceAll("\\[([^\\]\\-,]*)[^\\]]*\\]", "$1");
    }

    /** The name of the device of this process: {@code cuda} is the GPU of its local rank. */
    String device(String configured) {
        if (configured.startsWith("cuda:")) {
            throw new ConfigException(List.of(
                    ("run.device is %s, and there are %d processes; expected cuda, which is for each process the"
                                    + " GPU of its LOCAL_RANK, here cuda:%d")
                            .formatted(configured, world, localRank)));
        }
        return configured.equals("cuda") ? "cuda:" + localRank : configured;
    }

    /** Variables that are read, and what is wrong with them. */
    private static final class Variables {

        private final UnaryOperator<@Nullable String> environment;
        private final List<String> problems = new ArrayList<>();

        Variables(UnaryOperator<@Nullable String> environment) {
            this.environment = environment;
        }

        @Nullable
        Rendezvous find(String url) {
            boolean script = has("SLURM_PROCID") && text("SLURM_PROCID").equals("0") && !has("SLURM_NTASKS");
            boolean slurm = has("SLURM_PROCID") && !script; // a script of sbatch without srun is one process
            if (has("RANK") || has("WORLD_SIZE") || (has("LOCAL_RANK") && !slurm)) {
                int world = number("WORLD_SIZE", 1, Integer.MAX_VALUE, "the number of processes");
                if (!problems.isEmpty()) {
                    return null; // the rest depends on it
                }
                int rank = rank("RANK", "WORLD_SIZE", world);
                int local = has("LOCAL_RANK") ? local("LOCAL_RANK", "LOCAL_WORLD_SIZE", "WORLD_SIZE", world) : 0;
                return world == 1 ? null : meeting(rank, world, local, url, false);
            }
            if (slurm) {
                int world = number("SLURM_NTASKS", 1, Integer.MAX_VALUE, "the number of tasks; srun sets it");
                if (!problems.isEmpty()) {
                    return null; // the rest depends on it
                }
                int rank = rank("SLURM_PROCID", "SLURM_NTASKS", world);
                int local = local("SLURM_LOCALID", "SLURM_NTASKS_PER_NODE", "SLURM_NTASKS", world);
                return world == 1 ? null : meeting(rank, world, local, url, true);
            }
            if (has("PET_NNODES") && !text("PET_NNODES").equals("1")) {
                problems.add(
                        "PET_NNODES is %s, but RANK and WORLD_SIZE are not set: it is for a launcher; start with launch train ..., which sets them for each process"
                                .formatted(text("PET_NNODES")));
            }
            return null;
        }

        private Rendezvous meeting(int rank, int world, int local, String url, boolean slurm) {
            if (url.startsWith(TCP)) {
                var store = URI.create(url);
                String host = store.getHost().replaceAll("[\\[\\]]", ""); // of an IPv6 address
                return new Rendezvous(rank, world, local, host, store.getPort(), rank == 0);
            }
            String host = slurm ? slurmHost() : text("MASTER_ADDR");
            if (host.isEmpty()) {
                problems.add("%s not set, and there are %d processes; expected the host of the first"
                        .formatted(slurm ? "SLURM_JOB_NODELIST and MASTER_ADDR are" : "MASTER_ADDR is", world));
            }
            int port = slurm && !has("MASTER_PORT")
                    ? slurmPort()
                    : number("MASTER_PORT", 1, MAX_PORT, "a free port on MASTER_ADDR, the same for all");
            boolean ofTorchrun = text("TORCHELASTIC_USE_AGENT_STORE").equals("True");
            String restarts = text("TORCHELASTIC_RESTART_COUNT");
            String prefix = ofTorchrun && restarts.matches("[1-9]\\d*") ? "attempt " + restarts + "/" : "";
            return new Rendezvous(rank, world, local, host, port, rank == 0 && !ofTorchrun, prefix);
        }

        private String slurmHost() {
            if (has("MASTER_ADDR")) {
                return text("MASTER_ADDR");
            }
            return firstHost(text(has("SLURM_JOB_NODELIST") ? "SLURM_JOB_NODELIST" : "SLURM_NODELIST"));
        }

        /** Two jobs on one machine have two ports. */
        private int slurmPort() {
            String job = text("SLURM_JOB_ID");
            return job.matches("\\d{1,18}") ? SLURM_PORTS + (int) (Long.parseLong(job) % 10_000) : DEFAULT_PORT;
        }

        private int rank(String name, String ofWorld, int world) {
            return number(name, 0, world - 1, "from 0 and below %s, %d".formatted(ofWorld, world));
        }

        private int local(String name, String perMachine, String ofWorld, int world) {
            boolean known = text(perMachine).matches("[1-9]\\d{0,8}");
            int most = known ? Math.min(world, Integer.parseInt(text(perMachine))) : world;
            return number(name, 0, most - 1, "from 0 and below %s, %d".formatted(known ? perMachine : ofWorld, most));
        }

        private int number(String name, int least, int most, String expected) {
            String text = text(name);
            if (text.isEmpty()) {
                problems.add("%s is not set, but %s; expected %s".formatted(name, others(name), expected));
                return least;
            }
            long number = text.matches("-?\\d{1,18}") ? Long.parseLong(text) : Long.MIN_VALUE;
            if (number < least || number > most) {
                problems.add("%s is %s; expected %s".formatted(name, text, expected));
                return least;
            }
            return (int) number;
        }

        /** The variables that make another one necessary. */
        private String others(String name) {
            return String.join(
                    " and ",
                    List.of("RANK", "WORLD_SIZE", "LOCAL_RANK", "SLURM_PROCID").stream()
                            .filter(other -> !other.equals(name) && has(other))
                            .map(other -> "%s is %s".formatted(other, text(other)))
                            .toList());
        }

        private boolean has(String name) {
            return !text(name).isEmpty();
        }

        private String text(String name) {
            String value = environment.apply(name);
            return value == null ? "" : value.strip();
        }
    }

    /** Whether {@code run.dist_url} has a form that is understood. */
    static boolean isUrl(String url) {
        if (!url.startsWith(TCP)) {
            return url.equals(FROM_ENVIRONMENT);
        }
        try {
            var store = new URI(url);
            return store.getHost() != null && store.getPort() >= 1 && store.getPort() <= MAX_PORT;
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
