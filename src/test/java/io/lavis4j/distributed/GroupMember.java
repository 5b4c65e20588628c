package io.lavis4j.distributed;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Libtorch;
import io.lavis4j.tensor.Tensors;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.PointerScope;

/**
 * A process of a group in tests: joins as its environment says, and does what it reads, a line at a time, answering
 * each with a line. A loss ends it with status 3, as it does a command.
 */
final class GroupMember {

    private static final int LOST = 3;

    private GroupMember() {}

    /** @param arguments seconds of joining, silence and collectives */
    public static void main(String[] arguments) throws IOException {
        Libtorch.load();
        Libtorch.threads(1);
        var seconds = Arrays.stream(arguments)
                .map(each -> Duration.ofMillis((long) (1000 * Double.parseDouble(each))))
                .toList();
        var config = new GroupConfig("env://", null, seconds.get(0), seconds.get(1), seconds.get(2));
        try (var processes = Processes.join(config, "cpu", System::getenv, GroupMember::end)) {
            System.out.println("joined " + processes.rank() + " of " + processes.world());
            var lines = new BufferedReader(new InputStreamReader(System.in, UTF_8));
            for (String line = lines.readLine(); line != null && !line.equals("leave"); line = lines.readLine()) {
                System.out.println(done(processes, line));
            }
        } catch (IllegalArgumentException | IllegalStateException e) {
            System.err.println("error: " + e.getMessage());
            System.exit(e instanceof IllegalArgumentException ? 2 : 1);
        }
    }

    private static void end(String reason) {
        System.err.println("lost: " + reason);
        System.err.flush();
        Runtime.getRuntime().halt(LOST);
    }

    private static String done(Processes processes, String what) {
        int rank = processes.rank();
        try (var scope = new PointerScope()) {
            switch (what) {
                case "barrier" -> processes.barrier();
                case "sum" -> {
                    var tensor = Tensors.of(new float[] {rank + 1, 10 * rank, 1, -rank}, Devices.cpu());
                    processes.sum(tensor);
                    return numbers(Tensors.floats(tensor));
                }
                case "sum of a view" -> {
                    var rows = Tensors.of(new float[] {rank, 1, rank, 2}, Devices.cpu())
                            .view(2, 2);
                    processes.sum(rows.select(1, 0));
                    return numbers(Tensors.floats(rows));
                }
                case "broadcast" -> {
                    var one =
                            Tensors.of(new float[] {rank, rank}, Devices.cpu()).requires_grad_(true);
                    var other = Tensors.of(new long[] {10 + rank}, Devices.cpu());
                    var view = Tensors.of(new float[] {rank, 7, rank, 8}, Devices.cpu())
                            .view(2, 2)
                            .t();
                    processes.broadcast(List.of(one, other, view), 1);
                    return numbers(Tensors.floats(one)) + " " + other.item_long() + " " + numbers(Tensors.floats(view));
                }
                case "gather" -> {
                    var rows = Tensors.of(new float[] {rank, 1, 2, rank}, Devices.cpu())
                            .view(2, 2);
                    return processes.gather(rows).stream()
                            .map(each -> Tensors.shape(each) + numbers(Tensors.floats(each)))
                            .collect(Collectors.joining(" "));
                }
                case "gather bytes" -> {
                    return processes.gather("é".repeat(rank).getBytes(UTF_8)).stream()
                            .map(each -> new String(each, UTF_8))
                            .collect(Collectors.joining("|"));
                }
                default -> throw new IllegalArgumentException("unknown: " + what);
            }
            return what;
        }
    }

    private static String numbers(float[] values) {
        return Arrays.toString(values);
    }
}
