package io.lavis4j.distributed;

import io.lavis4j.config.ConfigException;
import io.lavis4j.io.Listing;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.BackendOptional;
import org.bytedeco.pytorch.BroadcastOptions;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.ProcessGroup;
import org.bytedeco.pytorch.ProcessGroup.BackendType;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Work;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.bytedeco.pytorch.global.torch_gloo;

/**
 * Processes on c10d, grouped as {@code torch.distributed} does it: Gloo for tensors on CPUs, NCCL for those on GPUs. Of
 * one thread, but for the watch over the others.
 */
public final class Group implements Processes {

    private static final String COMPLETE = "complete";

    private final Rendezvous rendezvous;
    private final Watch watch;
    private final ProcessGroup group;
    private final ProcessGroupGloo gloo;
    private final boolean onNccl;

    private Group(Rendezvous rendezvous, Watch watch, ProcessGroup group, ProcessGroupGloo gloo, boolean onNccl) {
        this.rendezvous = rendezvous;
        this.watch = watch;
        this.group = group;
        this.gloo = gloo;
        this.onNccl = onNccl;
    }

    /**
     * Joins the group, and waits for all to come.
     *
     * @param device name of the run's, as configured
     * @param whenLost told the reason, on another thread, if another process is lost or fails
     * @throws ConfigException if they do not come, or do not fit together
     */
    static Group join(Rendezvous rendezvous, GroupConfig config, String device, Consumer<String> whenLost) {
        boolean onGpu = device(rendezvous, device).is_cuda();
        if ("nccl".equals(config.backend()) && !onGpu) {
            throw new ConfigException(
                    List.of("run.dist_backend is nccl, and run.device %s; expected gloo, or null".formatted(device)));
        }
        boolean onNccl = onGpu && !"gloo".equals(config.backend());
        Loader.load(torch_gloo.class);
        var watch = meet(rendezvous, config, whenLost);
        try (var scope = new PointerScope()) {
            var gloo = gloo(rendezvous, config);
            var group = new ProcessGroup(rendezvous.rank(), rendezvous.world());
            group.setBackend(DeviceType.CPU, BackendType.GLOO, new BackendOptional(gloo));
            if (onNccl) {
                var nccl = MeetingPoint.backend(
                        rendezvous,
                        config.join(),
                        "cuda",
                        store -> Nccl.backend(store, rendezvous, config.collective()));
                group.setBackend(DeviceType.CUDA, BackendType.NCCL, new BackendOptional(nccl));
            } else if (onGpu) {
                group.setBackend(DeviceType.CUDA, BackendType.GLOO, new BackendOptional(gloo));
            }
            group.setDefaultBackend(BackendType.GLOO);
            tellLateComers(rendezvous, config);
            return new Group(rendezvous, watch, group.retainReference(), gloo.retainReference(), onNccl);
        } catch (RuntimeException e) {
            var reason = unmet(rendezvous, config, watch, e);
            watch.fail(String.valueOf(reason.getMessage()));
            watch.close();
            throw reason;
        }
    }

    private static Device device(Rendezvous rendezvous, String configured) {
        try {
            return Devices.of(rendezvous.device(configured));
        } catch (ConfigException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new ConfigException(List.of("run.device: " + e.getMessage()));
        }
    }

    /** Finds the others, and whether all are of one run. */
    private static Watch meet(Rendezvous rendezvous, GroupConfig config, Consumer<String> whenLost) {
        var point = MeetingPoint.open(rendezvous, config.join());
        if (point.has(COMPLETE)) { // whose own errors are not that group's
            point.close();
            throw new ConfigException(List.of(
                    "MASTER_ADDR and MASTER_PORT are %s and %d, where all processes of another run have met; expected a port that no other run uses"
                            .formatted(rendezvous.host(), rendezvous.port())));
        }
        String name = name();
        var problems = new ArrayList<String>();
        String world = point.setIfAbsent("world", String.valueOf(rendezvous.world()));
        if (!world.equals(String.valueOf(rendezvous.world()))) {
            problems.add("WORLD_SIZE is %d here (rank %d, %s) and %s in the process that came first; expected the same"
                    .formatted(rendezvous.world(), rendezvous.rank(), name, world));
        }
        String member = point.setIfAbsent("member/" + rendezvous.rank(), name);
        if (!member.equals(name)) {
            problems.add("RANK is %d here (%s), and that of %s, too; expected each from 0 to %d once"
                    .formatted(rendezvous.rank(), name, member, rendezvous.world() - 1));
        }
        var watch = Watch.begin(rendezvous, config, point, name, whenLost);
        if (!problems.isEmpty()) {
            watch.fail(String.join("; ", problems));
            watch.close();
            throw new ConfigException(problems);
        }
        return watch;
    }

    private static void tellLateComers(Rendezvous rendezvous, GroupConfig config) {
        try (var point = MeetingPoint.connect(rendezvous, config.join())) {
            point.set(COMPLETE, "yes");
        }
    }

    private static String name() {
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            host = "a host without a name";
        }
        return "%s, pid %d".formatted(host, ProcessHandle.current().pid());
    }

    /** Connects every process with every other. */
    private static ProcessGroupGloo gloo(Rendezvous rendezvous, GroupConfig config) {
        var options = ProcessGroupGloo.Options.create_default(
                new Milliseconds(config.join().toMillis()));
        var gloo = MeetingPoint.backend(
                rendezvous,
                config.join(),
                "cpu",
                store -> new ProcessGroupGloo(store, rendezvous.rank(), rendezvous.world(), options));
        gloo.setTimeout(new Milliseconds(config.collective().toMillis()));
        return gloo;
    }

    private static RuntimeException unmet(
            Rendezvous rendezvous, GroupConfig config, Watch watch, RuntimeException error) {
        var absent = watch.absent();
        if (absent.isEmpty() || watch.loss() != null || error instanceof IllegalStateException) {
            return watch.explained(error);
        }
        return new ConfigException(List.of(
                "WORLD_SIZE is %d, and within %d s %d of them did not come to %s:%d: %s; expected processes with every rank from 0 to %d, or longer: run.dist_join_seconds"
                        .formatted(
                                rendezvous.world(),
                                config.join().toSeconds(),
                                absent.size(),
                                rendezvous.host(),
                                rendezvous.port(),
                                Listing.of(absent.stream()
                                        .map(rank -> "rank " + rank)
                                        .toList()),
                                rendezvous.world() - 1)));
    }

    /** The group of c10d, for what works on it itself; every use of it goes through {@link #together}. */
    public ProcessGroup processGroup() {
        return group;
    }

    /**
     * Does what the processes do together, with the reason if that fails because of another process.
     *
     * @param what for messages: one word or a few
     * @throws LostProcessException if another process has ended, or does not come in time
     */
    public <T> T together(String what, Supplier<T> work) {
        watch.enter(what);
        try {
            return work.get();
        } catch (RuntimeException e) {
            throw watch.explained(e);
        } finally {
            watch.pass();
        }
    }

    @Override
    public int rank() {
        return rendezvous.rank();
    }

    @Override
    public int world() {
        return rendezvous.world();
    }

    @Override
    public String device(String configured) {
        return device(rendezvous, configured).is_cuda() ? "cuda:" + rendezvous.localRank() : "cpu";
    }

    @Override
    public void barrier() {
        together("barrier", () -> {
            try (var scope = new PointerScope()) {
                return gloo.barrier()._wait();
            }
        });
    }

    @Override
    public void broadcast(List<Tensor> tensors, int from) {
        together("broadcast", () -> {
            try (var scope = new PointerScope()) {
                var options = new BroadcastOptions().rootRank(from);
                var works = new ArrayList<Work>();
                var sent = new ArrayList<Tensor>();
                for (var tensor : tensors) {
                    var dense = tensor.detach().contiguous();
                    sent.add(dense);
                    works.add(group.broadcast(new TensorVector(dense), options));
                }
                works.forEach(Work::_wait);
                for (int i = 0; i < sent.size(); i++) {
                    if (!tensors.get(i).is_contiguous()) {
                        tensors.get(i).detach().copy_(sent.get(i));
                    }
                }
                return true;
            }
        });
    }

    @Override
    public void sum(Tensor tensor) {
        together("sum", () -> {
            try (var scope = new PointerScope()) {
                var dense = tensor.detach().contiguous();
                group.allreduce(new TensorVector(dense))._wait();
                if (!tensor.is_contiguous()) {
                    tensor.detach().copy_(dense);
                }
                return true;
            }
        });
    }

    @Override
    public Pending beginSum(Tensor tensor) {
        Work work = together("begin of a sum", () -> {
            try (var scope = new PointerScope()) {
                return group.allreduce(new TensorVector(tensor)).retainReference();
            }
        });
        return () -> together("sum", () -> {
            try (work) {
                return work._wait();
            }
        });
    }

    @Override
    public List<Tensor> gather(Tensor tensor) {
        Tensor all = together(
                "gather",
                () -> Scopes.keep(() -> {
                    var own = tensor.detach().contiguous();
                    long[] sizes = own.sizes().vec().get();
                    var gathered = torch.empty(new long[] {world() * own.numel()}, own.options(), null);
                    group.all_gather_single(gathered, own.reshape(own.numel()))._wait();
                    long[] shape = new long[sizes.length + 1];
                    shape[0] = world();
                    System.arraycopy(sizes, 0, shape, 1, sizes.length);
                    return gathered.view(shape); // (W, ...)
                }));
        var each = new ArrayList<Tensor>();
        for (int rank = 0; rank < world(); rank++) {
            each.add(all.select(0, rank));
        }
        return each;
    }

    @Override
    public List<byte[]> gather(byte[] bytes) {
        try (var scope = new PointerScope()) {
            var lengths = new ArrayList<Long>();
            gather(Tensors.of(new long[] {bytes.length}, Devices.cpu()))
                    .forEach(length -> lengths.add(length.item_long()));
            long longest = Math.max(Collections.max(lengths), 1);
            var padded = torch.zeros(new long[] {longest}, Tensors.options(Devices.cpu(), ScalarType.Byte));
            new BytePointer(padded.data_ptr()).put(bytes, 0, bytes.length);
            var each = new ArrayList<byte[]>();
            for (var tensor : gather(padded)) {
                byte[] text = new byte[lengths.get(each.size()).intValue()];
                new BytePointer(tensor.data_ptr()).get(text, 0, text.length);
                each.add(text);
            }
            return each;
        }
    }

    @Override
    public void fail(String reason) {
        watch.fail(reason);
    }

    @Override
    public void close() {
        watch.close();
        if (onNccl) {
            try (var nccl = group.getBackend(DeviceType.CUDA)) {
                nccl.shutdown(); // which Gloo does without
            }
        }
        group.close();
        gloo.close();
    }
}
