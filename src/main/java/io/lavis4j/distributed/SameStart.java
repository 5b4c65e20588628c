package io.lavis4j.distributed;

import io.lavis4j.io.Listing;
import io.lavis4j.tensor.Tensors;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Makes all processes begin with the values of the first. */
public final class SameStart {

    private SameStart() {}

    /**
     * Gives every process the first one's values of the tensors whose sums differ, as of those that were drawn at
     * random; what came from the same file is not sent.
     *
     * @param tensors by name, changed in place
     * @throws IllegalStateException if names, shapes or types are not those of the first process
     */
    public static void of(Processes processes, Map<String, Tensor> tensors) {
        if (processes.world() == 1) {
            return;
        }
        requireSame(processes, tensors);
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            var values = List.copyOf(tensors.values());
            var sums = ByteBuffer.allocate(values.size() * Double.BYTES);
            for (var value : values) {
                sums.putDouble(sum(value));
            }
            var all = processes.gather(sums.array());
            var differing = new ArrayList<Tensor>();
            for (int i = 0; i < values.size(); i++) {
                int at = i * Double.BYTES;
                double first = ByteBuffer.wrap(all.get(0)).getDouble(at);
                if (all.stream()
                        .anyMatch(own -> Double.compare(ByteBuffer.wrap(own).getDouble(at), first) != 0)) {
                    differing.add(values.get(i).detach());
                }
            }
            processes.broadcast(differing, 0);
        }
    }

    private static double sum(Tensor value) {
        try (var scope = new PointerScope()) {
            return value.detach().sum(new ScalarTypeOptional(ScalarType.Double)).item_double();
        }
    }

    private static void requireSame(Processes processes, Map<String, Tensor> tensors) {
        var own = new ArrayList<String>();
        tensors.forEach(
                (name, tensor) -> own.add("%s %s %s".formatted(name, Tensors.shape(tensor), Tensors.dtype(tensor))));
        var all = processes.gather(String.join("\n", own).getBytes(StandardCharsets.UTF_8));
        var first = List.of(new String(all.get(0), StandardCharsets.UTF_8).split("\n"));
        for (int rank = 1; rank < all.size(); rank++) {
            var others = List.of(new String(all.get(rank), StandardCharsets.UTF_8).split("\n"));
            if (!others.equals(first)) {
                throw new IllegalStateException(
                        "the model of process %d is not that of process 0: it has %s, where process 0 has %s; start all with the same configuration and files"
                                .formatted(rank, without(others, first), without(first, others)));
            }
        }
    }

    private static String without(List<String> these, List<String> those) {
        var rest = new ArrayList<>(these);
        rest.removeAll(those);
        return rest.isEmpty() ? "these in another order" : Listing.ofClauses(rest, 3);
    }
}
