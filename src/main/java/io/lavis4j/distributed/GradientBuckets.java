package io.lavis4j.distributed;

import io.lavis4j.tensor.GradientHooks;
import io.lavis4j.tensor.Tensors;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Averages gradients over processes while backward still computes others (arXiv:2006.15704, section 3.2).
 *
 * <p>Parameters lie in buckets, from last to first, as backward comes to them. A bucket is sent when all its gradients
 * have come and all buckets before it are sent, so every process sends the same buckets in the same order. A gradient
 * has come when backward has reached its parameter as often as in the step before: once, or for each recomputed block
 * that uses it. What is left after backward is sent then, and what came after its bucket had been sent, once more.
 * Parameters without a gradient count as zeros; one that has none in any process keeps none.
 *
 * <p>A gradient that is sent lives in its bucket alone, so none is there twice.
 *
 * <p>libtorch's own {@code Reducer} is not used, as it refuses a parameter of two recomputed blocks, unused parameters
 * beside recomputed blocks, whose own are not in the graph, and steps that do not use the same.
 */
public final class GradientBuckets implements AutoCloseable {

    private static final long BYTES = 25L << 20;

    private final Processes processes;
    private final Gather gather;
    private final List<Tensor> parameters;
    private final List<Bucket> buckets;
    private final Bucket[] bucketOf;
    private final GradientHooks hooks;
    private final List<FlatGradients> sent = new ArrayList<>();
    private final int[] expected;
    private final int[] come;
    private boolean collecting;

    /** Parameters by number, and how many of their gradients have not come. */
    private static final class Bucket {

        private final List<Integer> members = new ArrayList<>();
        private long bytes;
        private int missing;
    }

    /**
     * Buckets of 25 MiB.
     *
     * @param parameters that are trained, the same in the same order in every process
     * @param gather joins rows in the same steps
     */
    public GradientBuckets(Processes processes, List<Tensor> parameters, Gather gather) {
        this(processes, parameters, gather, BYTES);
    }

    GradientBuckets(Processes processes, List<Tensor> parameters, Gather gather, long bytes) {
        this.processes = processes;
        this.gather = gather;
        this.parameters = List.copyOf(parameters);
        expected = new int[parameters.size()];
        come = new int[parameters.size()];
        bucketOf = new Bucket[parameters.size()];
        buckets = fill(bytes);
        Arrays.fill(expected, 1);
        hooks = new GradientHooks(processes.world() > 1 ? parameters : List.of(), this::arrived);
    }

    /** Buckets of one device and type each, in the order in which the first of their parameters came. */
    private List<Bucket> fill(long bytes) {
        var all = new ArrayList<Bucket>();
        var open = new LinkedHashMap<String, Bucket>();
        for (int i = parameters.size() - 1; i >= 0; i--) {
            var parameter = parameters.get(i);
            var kind = parameter.device().str().getString() + " " + Tensors.dtype(parameter);
            var bucket = open.get(kind);
            if (bucket == null || bucket.bytes + parameter.nbytes() > bytes) {
                bucket = new Bucket();
                open.put(kind, bucket);
                all.add(bucket);
            }
            bucket.members.add(i);
            bucket.bytes += parameter.nbytes();
            bucketOf[i] = bucket;
        }
        return List.copyOf(all);
    }

    /** The next backward is the last before an update: gradients, with those that were there before, are sent. */
    public void begin() {
        Arrays.fill(come, 0);
        for (var bucket : buckets) {
            bucket.missing =
                    (int) bucket.members.stream().filter(i -> expected[i] > 0).count();
        }
        collecting = processes.world() > 1;
    }

    private void arrived(int index) {
        if (!collecting) {
            return;
        }
        while (sent.size() < buckets.size() && buckets.get(sent.size()).missing == 0 && !gather.isAwaited()) {
            send(buckets.get(sent.size()));
        }
        come[index]++; // it is added to the gradient after this call
        if (come[index] == expected[index]) {
            bucketOf[index].missing--;
        }
    }

    private void send(Bucket bucket) {
        sent.add(flat(bucket));
    }

    private FlatGradients flat(Bucket bucket) {
        return new FlatGradients(
                processes, bucket.members.stream().map(parameters::get).toList());
    }

    /**
     * Ends the step's backward: every gradient is the mean over processes now.
     *
     * @param signals bits that this process raises
     * @return bits that any process raised
     */
    public int finish(int signals) {
        if (processes.world() == 1) {
            return signals;
        }
        collecting = false;
        gather.close();
        try (var scope = new PointerScope()) {
            while (sent.size() < buckets.size()) {
                send(buckets.get(sent.size()));
            }
            var agreed = agree(signals);
            var late = new LinkedHashMap<FlatGradients, FlatGradients>();
            agreed.late().stream().forEach(b -> late.put(sent.get(b), flat(buckets.get(b))));
            sent.forEach(FlatGradients::await);
            late.forEach((first, second) -> {
                second.await();
                first.add(second);
            });
            for (int b = 0; b < sent.size(); b++) {
                var chosen = new BitSet();
                var members = buckets.get(b).members;
                for (int m = 0; m < members.size(); m++) {
                    chosen.set(m, agreed.present().get(members.get(m)));
                }
                sent.get(b).giveBack(chosen);
            }
            System.arraycopy(come, 0, expected, 0, come.length);
            late.values().forEach(FlatGradients::close);
            return agreed.signals();
        } finally {
            forget();
        }
    }

    private void forget() {
        sent.forEach(FlatGradients::close);
        sent.clear();
    }

    /**
     * What processes tell one another of a step.
     *
     * @param signals bits raised
     * @param present parameters with a gradient
     * @param late buckets with gradients that came after they had been sent
     */
    private record Note(int signals, BitSet present, BitSet late) {

        byte[] bytes() {
            byte[] numbers = present.toByteArray(), rest = late.toByteArray();
            return ByteBuffer.allocate(2 * Integer.BYTES + numbers.length + rest.length)
                    .putInt(signals)
                    .putInt(numbers.length)
                    .put(numbers)
                    .put(rest)
                    .array();
        }

        static Note read(byte[] bytes) {
            var buffer = ByteBuffer.wrap(bytes);
            int signals = buffer.getInt();
            byte[] numbers = new byte[buffer.getInt()];
            buffer.get(numbers);
            return new Note(signals, BitSet.valueOf(numbers), BitSet.valueOf(buffer));
        }
    }

    /** What is so in any process. */
    private Note agree(int signals) {
        var present = new BitSet();
        var late = new BitSet();
        for (int b = 0; b < buckets.size(); b++) {
            var members = buckets.get(b).members;
            for (int m = 0; m < members.size(); m++) {
                int i = members.get(m);
                boolean isLate = FlatGradients.hasGradient(parameters.get(i));
                present.set(i, isLate || sent.get(b).had(m));
                late.set(b, isLate || late.get(b));
            }
        }
        int raised = 0;
        for (byte[] bytes : processes.gather(new Note(signals, present, late).bytes())) {
            var other = Note.read(bytes);
            raised |= other.signals();
            present.or(other.present());
            late.or(other.late());
        }
        return new Note(raised, present, late);
    }

    /** Gradients stay with their process again. */
    @Override
    public void close() {
        collecting = false;
        forget();
        hooks.close();
    }
}
