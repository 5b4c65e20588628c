package io.lavis4j.optim;

import io.lavis4j.distributed.Processes;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Shares the state of an optimizer among processes (ZeRO's first stage, arXiv:1910.02054, section 5.1): that of each
 * parameter is in one of them, which updates the parameter and tells the others.
 */
final class Shards {

    private static final long CHUNK_BYTES = 25L << 20;

    private final Processes processes;
    private final List<Tensor> parameters;
    private final int[] owners;

    /**
     * Shares of about the same size, in bytes of their parameters.
     *
     * @param parameters by their numbers, the same in every process
     */
    Shards(Processes processes, List<Tensor> parameters) {
        this.processes = processes;
        this.parameters = List.copyOf(parameters);
        owners = new int[parameters.size()];
        long[] loads = new long[processes.world()];
        IntStream.range(0, owners.length)
                .boxed()
                .sorted(Comparator.comparingLong((Integer i) -> -bytes(parameters.get(i))))
                .forEach(i -> {
                    int least = 0;
                    for (int rank = 1; rank < loads.length; rank++) {
                        least = loads[rank] < loads[least] ? rank : least;
                    }
                    owners[i] = least;
                    loads[least] += bytes(parameters.get(i));
                });
    }

    private static long bytes(Tensor parameter) {
        return parameter.numel() * parameter.element_size();
    }

    /** Whether the state of the parameter of this number is in this process. */
    boolean isOwn(int index) {
        return owners[index] == processes.rank();
    }

    /**
     * Gives every process the values of the parameters with a gradient, the same in every process, from their owners.
     */
    void exchange() {
        if (processes.world() == 1) {
            return;
        }
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            for (int rank = 0; rank < processes.world(); rank++) {
                int owner = rank;
                var theirs = IntStream.range(0, owners.length)
                        .filter(i -> owners[i] == owner)
                        .mapToObj(parameters::get)
                        .filter(parameter -> parameter.grad().defined())
                        .toList();
                for (var alike : Alike.lists(theirs, parameter -> parameter)) {
                    chunks(alike).forEach(chunk -> exchange(chunk, owner));
                }
            }
        }
    }

    private static List<List<Tensor>> chunks(List<Tensor> parameters) {
        var chunks = new ArrayList<List<Tensor>>();
        long bytes = CHUNK_BYTES;
        for (var parameter : parameters) {
            if (bytes + bytes(parameter) > CHUNK_BYTES) {
                chunks.add(new ArrayList<>());
                bytes = 0;
            }
            chunks.get(chunks.size() - 1).add(parameter);
            bytes += bytes(parameter);
        }
        return chunks;
    }

    private void exchange(List<Tensor> chunk, int owner) {
        try (var scope = new PointerScope()) {
            long size = chunk.stream().mapToLong(Tensor::numel).sum();
            var first = chunk.get(0);
            boolean own = owner == processes.rank();
            var flat = own
                    ? Tensors.cat(
                            0, chunk.stream().map(p -> p.reshape(p.numel())).toArray(Tensor[]::new))
                    : torch.empty(new long[] {size}, first.options(), null);
            processes.broadcast(List.of(flat), owner);
            long start = 0;
            for (var parameter : own ? List.<Tensor>of() : chunk) {
                parameter.copy_(flat.narrow(0, start, parameter.numel()).view(parameter.shape()));
                start += parameter.numel();
            }
        }
    }

    /**
     * Brings all states to the first process, one after the other.
     *
     * @param own the states in this process by the numbers of their parameters
     * @param like tensors of the shapes and types of a parameter's state
     * @return in the first process all states by number, in order, those of others on the CPU and in the caller's
     *     scope; in others none
     */
    Map<Integer, List<Tensor>> gather(Map<Integer, List<Tensor>> own, IntFunction<List<Tensor>> like) {
        var present = new BitSet();
        own.keySet().forEach(present::set);
        processes.gather(present.toByteArray()).forEach(bytes -> present.or(BitSet.valueOf(bytes)));
        var all = new LinkedHashMap<Integer, List<Tensor>>();
        for (int index : present.stream().toArray()) {
            var found = own.get(index);
            if (processes.world() > 1 && owners[index] > 0) {
                var state = found == null ? like.apply(index) : found;
                processes.broadcast(state, owners[index]);
                if (processes.isFirst()) {
                    found = state.stream().map(Shards::onCpu).toList();
                }
                if (!isOwn(index)) {
                    state.forEach(Tensor::close);
                }
            }
            if (processes.isFirst() && found != null) {
                all.put(index, found);
            }
        }
        return all;
    }

    private static Tensor onCpu(Tensor value) {
        return Scopes.keep(() -> value.to(Devices.cpu(), Tensors.dtype(value)));
    }
}
