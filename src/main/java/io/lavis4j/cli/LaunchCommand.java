package io.lavis4j.cli;

import io.lavis4j.tensor.Cuda;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Starts a command in several processes, as torchrun does. */
@Command(
        name = "launch",
        description = {
            "Run train, evaluate or caption in several processes of this machine, or of several machines.",
            "Gives each its RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR and MASTER_PORT, and its share of the cores. What rank 0"
                    + " prints is printed, what others print with their rank before it. If one fails, it is named, the others"
                    + " are ended, and its exit status is that of launch; SIGTERM and SIGINT go to all of them."
        })
final class LaunchCommand implements Callable<Integer> {

    private static final Set<String> COMMANDS = Set.of("train", "evaluate", "caption");
    private static final Pattern ENDPOINT = Pattern.compile("(\\[[^\\]]+\\]|[^:\\[\\]]+):(\\d{1,5})");
    private static final int MAX_PORT = 65_535;

    @Option(
            names = {"--nproc_per_node", "--nproc-per-node"},
            paramLabel = "N",
            defaultValue = "${env:PET_NPROC_PER_NODE:-1}",
            description =
                    "Processes on this machine, or auto for as many as there are GPUs; PET_NPROC_PER_NODE, else 1.")
    private String perNode = "1";

    @Option(
            names = "--nnodes",
            paramLabel = "M",
            defaultValue = "${env:PET_NNODES:-1}",
            description = "Machines; PET_NNODES, else 1.")
    private String nodes = "1";

    @Option(
            names = {"--node_rank", "--node-rank"},
            paramLabel = "K",
            defaultValue = "${env:PET_NODE_RANK:-0}",
            description = "Number of this machine, from 0; PET_NODE_RANK, else 0.")
    private String nodeRank = "0";

    @Option(
            names = {"--rdzv_endpoint", "--rdzv-endpoint"},
            paramLabel = "HOST:PORT",
            description = "Where all meet: the first machine, and a port that is free there; PET_RDZV_ENDPOINT, else"
                    + " PET_MASTER_ADDR:PET_MASTER_PORT, else, with one machine, a free port of its own.")
    private @Nullable String endpoint;

    @Option(
            names = {"--kill_after", "--kill-after"},
            paramLabel = "SECONDS",
            defaultValue = "10",
            description =
                    "How long the others may take to end when one has failed, before they are killed; 3 at most when one was lost.")
    private int killAfter;

    @Parameters(arity = "1..*", paramLabel = "COMMAND", description = "train, evaluate or caption, with its options.")
    private List<String> command = new ArrayList<>();

    @Mixin
    private final Console console = new Console();

    @Override
    public Integer call() {
        console.require(COMMANDS.contains(command.get(0)), "COMMAND", command.get(0), "train, evaluate or caption");
        console.require(killAfter >= 0, "--kill_after", killAfter, "a number of seconds");
        requireSound(); // wrong for one is wrong for all
        int here = perNode.equals("auto") ? gpus() : number("--nproc_per_node", perNode, 1);
        int machines = number("--nnodes", nodes, 1);
        int machine = number("--node_rank", nodeRank, 0);
        console.require(
                machine < machines,
                "--node_rank",
                machine,
                "a number below that of the machines, --nnodes " + machines);
        var meeting = endpoint(machines);
        var each = new ArrayList<>(OwnProgram.commandLine());
        each.addAll(command);
        return new RankProcesses(console.out(), console.err(), Duration.ofSeconds(killAfter))
                .run(new Launch(meeting.getHostString(), meeting.getPort(), machines, machine, here, each));
    }

    private void requireSound() {
        var parsed = Main.commandLine()
                .setErr(console.err())
                .parseArgs(command.toArray(String[]::new))
                .subcommand();
        if (parsed.commandSpec().userObject() instanceof TrainCommand train
                && !parsed.isUsageHelpRequested()
                && !parsed.isVersionHelpRequested()) {
            train.requireConfiguration();
        }
    }

    private int number(String option, String text, int least) {
        boolean sound = text.matches("\\d{1,6}") && Integer.parseInt(text) >= least;
        console.require(
                sound,
                option,
                text,
                "a whole number from %d; the number of processes does not change".formatted(least));
        return Integer.parseInt(text);
    }

    private int gpus() {
        var answers = Cuda.found().answers();
        int gpus = answers == null ? 0 : answers.gpus().size();
        console.require(gpus > 0, "--nproc_per_node", "auto", "a GPU on this machine, or a number");
        return gpus;
    }

    private InetSocketAddress endpoint(int machines) {
        String text = endpoint == null ? endpointOfEnvironment() : endpoint;
        if (text == null) {
            console.require(
                    machines == 1, "--nnodes", machines, "--rdzv_endpoint HOST:PORT with it, the same on all machines");
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), freePort());
        }
        var parts = ENDPOINT.matcher(text);
        int port = parts.matches() ? Integer.parseInt(parts.group(2)) : 0;
        console.require(
                1 <= port && port <= MAX_PORT, "--rdzv_endpoint", text, "HOST:PORT, a port from 1 to " + MAX_PORT);
        return InetSocketAddress.createUnresolved(parts.group(1).replaceAll("[\\[\\]]", ""), port);
    }

    private static @Nullable String endpointOfEnvironment() {
        String pet = System.getenv("PET_RDZV_ENDPOINT");
        String host = System.getenv("PET_MASTER_ADDR"), port = System.getenv("PET_MASTER_PORT");
        return pet != null || host == null || port == null ? pet : host + ":" + port;
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("no free port on this machine (" + e.getMessage() + ")", e);
        }
    }
}
