package io.lavis4j.dataset;

import io.lavis4j.processor.PixelBuffer;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A batch that is being loaded. The consumer's thread makes and frees the tensor; workers write into its memory and
 * touch nothing else of libtorch.
 */
final class PendingBatch implements AutoCloseable {

    private final List<FutureTask<SampleSource.Loaded>> tasks = new ArrayList<>();
    private final @Nullable Executor workers;
    private @Nullable Tensor images;
    private volatile boolean abandoned;

    /** Loads one sample into its place. */
    interface Load {
        SampleSource.Loaded into(int index, PixelBuffer place);
    }

    /**
     * Starts loading.
     *
     * @param indices the samples
     * @param imageSize S, pixels
     * @param precision of the pixels
     * @param device where the batch will be needed
     * @param workers {@code null} to load when the batch is asked for, in that thread
     */
    PendingBatch(
            int[] indices, int imageSize, Precision precision, Device device, @Nullable Executor workers, Load load) {
        this.workers = workers;
        long B = indices.length, S = imageSize;
        var places = new ArrayList<PixelBuffer>();
        images = Scopes.retained(() -> {
            var options = new TensorOptions(precision.dtype());
            if (device.is_cuda()) {
                options = options.pinned_memory(new BoolOptional(true)); // copied without waiting
            }
            var batch = torch.empty(new long[] {B, 3, S, S}, options, null);
            places.addAll(PixelBuffer.places(batch));
            return batch;
        });
        for (int i = 0; i < indices.length; i++) {
            int index = indices[i];
            var place = places.get(i);
            tasks.add(new FutureTask<>(() -> {
                if (abandoned) {
                    throw new IllegalStateException("abandoned");
                }
                return load.into(index, place);
            }));
        }
        if (workers != null) {
            tasks.forEach(workers::execute);
        }
    }

    /**
     * Waits for the samples, in their order.
     *
     * @throws RuntimeException what the first sample that failed has thrown
     */
    List<SampleSource.Loaded> samples() {
        var samples = new ArrayList<SampleSource.Loaded>(tasks.size());
        for (var task : tasks) {
            if (workers == null) {
                task.run();
            }
            try {
                samples.add(task.get());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while waiting for a batch", e);
            } catch (ExecutionException e) {
                throw rethrown(e.getCause());
            }
        }
        return samples;
    }

    /** The loaded pictures on the device, owned by the caller; once. */
    Tensor take(Device device) {
        var host = images;
        if (host == null) {
            throw new IllegalStateException("this batch has been taken or closed");
        }
        images = null;
        if (!device.is_cuda()) {
            return host;
        }
        try {
            return Scopes.retained(() -> host.to(device, Tensors.dtype(host), true, false, null));
        } finally {
            host.close(); // libtorch keeps pinned memory until the copy has ended
        }
    }

    /** Lets samples that no worker has begun fail at once. */
    void abandon() {
        abandoned = true;
    }

    /** Waits until no worker writes any more and frees the tensor, unless it has been taken. */
    @Override
    public void close() {
        abandon();
        if (workers != null) {
            boolean interrupted = false;
            for (var task : tasks) {
                while (!task.isDone()) {
                    try {
                        task.get();
                    } catch (InterruptedException e) {
                        interrupted = true;
                    } catch (ExecutionException e) {
                        break; // nobody wants the batch
                    }
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        if (images != null) {
            images.close();
            images = null;
        }
    }

    /** The same failure in this thread, with the worker's stack trace kept. */
    private static RuntimeException rethrown(@Nullable Throwable cause) {
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof RuntimeException failure ? failure : new IllegalStateException(cause);
    }
}
