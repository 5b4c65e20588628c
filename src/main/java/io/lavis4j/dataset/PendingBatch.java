package io.lavis4j.dataset;

import io.lavis4j.features.ImagePlace;
import io.lavis4j.features.KeptFeatures;
import io.lavis4j.features.VisionFeatures;
import io.lavis4j.model.Texts;
import io.lavis4j.model.TrainableModel.Prepared;
import io.lavis4j.processor.PixelBuffer;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Trace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A batch that is being loaded. The consumer's thread makes and frees the tensor; workers write into its memory and
 * touch nothing else of libtorch.
 */
final class PendingBatch implements AutoCloseable {

    private final List<FutureTask<LoadedSample>> tasks = new ArrayList<>();
    private final @Nullable Executor workers;
    private final @Nullable FutureTask<Prepared> prepared;
    private final AtomicInteger unloaded;
    private final LoadedSample[] loaded;
    private @Nullable Tensor images;
    private @Nullable KeptFeatures kept;
    private boolean copying;
    private volatile boolean abandoned;

    /**
     * Starts loading.
     *
     * @param loads the samples
     * @param imageSize S, pixels
     * @param precision of the pixels
     * @param pinned whether the memory is pinned, to be copied without waiting
     * @param workers {@code null} to load when the batch is asked for, in that thread
     * @param prepare makes of the texts what the model takes; {@code null} to leave that out
     * @param features that are loaded in place of images; {@code null} if none are kept
     */
    PendingBatch(
            List<EpochSamples.Load> loads,
            int imageSize,
            Precision precision,
            boolean pinned,
            @Nullable Executor workers,
            @Nullable Function<Texts, Prepared> prepare,
            @Nullable VisionFeatures features) {
        this.workers = workers;
        unloaded = new AtomicInteger(loads.size());
        loaded = new LoadedSample[loads.size()];
        prepared = prepare == null ? null : new FutureTask<>(() -> prepare.apply(texts()));
        var places = places(allocate(loads.size(), imageSize, precision, pinned), features, pinned);
        for (int i = 0; i < loads.size(); i++) {
            int place = i;
            tasks.add(new FutureTask<>(() -> load(loads.get(place), place, places.get(place))));
        }
        if (workers != null) {
            tasks.forEach(workers::execute);
        }
    }

    private LoadedSample load(EpochSamples.Load load, int place, ImagePlace image) {
        if (abandoned) {
            throw new IllegalStateException("abandoned");
        }
        try (var span = Trace.span("sample")) {
            loaded[place] = load.into(image);
        }
        var sample = loaded[place];
        if (unloaded.decrementAndGet() == 0 && prepared != null) { // the last one sees all that the others have written
            try (var span = Trace.span("texts")) {
                prepared.run();
            }
        }
        return sample;
    }

    private List<ImagePlace> places(List<PixelBuffer> pixels, @Nullable VisionFeatures features, boolean pinned) {
        if (features == null) {
            return pixels.stream().map(ImagePlace::of).toList();
        }
        kept = new KeptFeatures(features, pixels, pinned);
        return kept.places();
    }

    private Texts texts() {
        return Batch.learned(Arrays.stream(loaded).map(LoadedSample::texts).toList());
    }

    private List<PixelBuffer> allocate(int count, int imageSize, Precision precision, boolean pinned) {
        long B = count, S = imageSize;
        var places = new ArrayList<PixelBuffer>();
        images = Scopes.retained(() -> {
            var options = new TensorOptions(precision.dtype());
            if (pinned) {
                options = options.pinned_memory(new BoolOptional(true));
            }
            var batch = torch.empty(new long[] {B, 3, S, S}, options, null);
            places.addAll(PixelBuffer.places(batch));
            return batch;
        });
        return places;
    }

    /**
     * Waits for the samples, in their order.
     *
     * @throws RuntimeException what the first sample that failed has thrown
     */
    List<LoadedSample> samples() {
        var samples = new ArrayList<LoadedSample>(tasks.size());
        for (var task : tasks) {
            if (workers == null) {
                task.run();
            }
            samples.add(Awaited.result(task));
        }
        return samples;
    }

    /** Texts of the loaded samples as the model takes them, {@code null} without a model; after {@link #samples()}. */
    @Nullable
    Prepared prepared() {
        return prepared == null ? null : Awaited.result(prepared);
    }

    /** The loaded images on the device, owned by the caller; once. */
    Tensor take(DeviceCopy copy) {
        start(copy);
        var copied = images;
        if (copied == null) {
            throw new IllegalStateException("this batch has been taken or closed");
        }
        copy.await(copied);
        images = null;
        if (kept != null && kept.rows() != null) {
            copy.await(kept.rows());
        }
        return copied;
    }

    /** The features that were loaded in place of images, owned by the caller; after {@link #take}. */
    @Nullable
    KeptFeatures kept() {
        var features = kept;
        kept = null;
        return features;
    }

    /** Begins to copy the images to the device if all have been loaded without a failure. */
    void copyIfLoaded(DeviceCopy copy) {
        if (unloaded.get() == 0) {
            start(copy);
        }
    }

    private void start(DeviceCopy copy) {
        var host = images;
        if (host != null && !copying) {
            copying = true;
            images = null; // closed by the copy, whatever happens
            images = copy.start(host);
            if (kept != null) {
                kept.take(copy::start);
            }
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
        if (kept != null) {
            kept.close();
            kept = null;
        }
    }
}
