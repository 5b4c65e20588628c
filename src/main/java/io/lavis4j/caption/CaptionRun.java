package io.lavis4j.caption;

import io.lavis4j.caption.PendingImage.Prompted;
import io.lavis4j.image.RegionMode;
import io.lavis4j.image.Regions;
import io.lavis4j.processor.ImagePipeline;
import io.lavis4j.processor.ImagePipelines;
import io.lavis4j.task.Captioner;
import io.lavis4j.tensor.Trace;
import io.lavis4j.tokenize.EncodeOptions;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Images from a stream to an output. A window of a few batches is being read, waits for the model, or for images before
 * it to be written; its size bounds all memory. Belongs to one thread.
 */
final class CaptionRun implements AutoCloseable {

    /** Batches in the window: one with the model, one read, and two for prompts of other lengths. */
    private static final long WINDOW = 4;

    private final Captioner captioner;
    private final BulkOptions options;
    private final ImageStream images;
    private final CaptionOutput out;
    private final ImagePipeline pipeline = ImagePipelines.best();
    private final PixelSlots slots;
    private final @Nullable ExecutorService workers;
    private final Deque<PendingImage> pending = new ArrayDeque<>();
    private int prompted; // of all pending images
    private long seen;
    private long own;
    private long captioned;
    private long failed;
    private long kept;
    private @Nullable UncheckedIOException fault;
    private volatile boolean abandoned;

    CaptionRun(Captioner captioner, BulkOptions options, ImageStream images, CaptionOutput out) {
        this.captioner = captioner;
        this.options = options;
        this.images = images;
        this.out = out;
        slots = new PixelSlots(
                WINDOW * options.batchSize(), captioner.processor().imageSize());
        workers = options.numWorkers() == 0 ? null : Executors.newFixedThreadPool(options.numWorkers(), threads());
    }

    private static ThreadFactory threads() {
        var number = new AtomicInteger();
        return work -> {
            var thread = new Thread(work, "captions-" + number.getAndIncrement());
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Captions all images; where the input breaks off, those before that. */
    BulkTally run(BulkListener listener) {
        for (fill(); !pending.isEmpty(); fill()) {
            caption(next());
            while (!pending.isEmpty() && pending.element().isDone()) {
                write(pending.remove());
            }
            listener.progress(own - pending.size(), total());
        }
        if (fault != null) {
            throw fault;
        }
        out.end();
        return new BulkTally(captioned, failed, kept);
    }

    private long total() {
        double share = images.share();
        return Double.isNaN(share) || share == 0
                ? BulkListener.UNKNOWN
                : Math.max(own, Math.round(seen / share / options.share().world()));
    }

    private void fill() {
        try {
            while (fault == null && prompted < WINDOW * options.batchSize() && images.hasNext()) {
                var image = images.next();
                if (seen++ % options.share().world() == options.share().rank()) {
                    own++;
                    begin(image);
                }
            }
        } catch (UncheckedIOException e) {
            fault = e; // what was read before it is captioned first
        }
    }

    private void begin(SourceImage image) {
        var prompts = out.remaining(image, image.prompts().isEmpty() ? options.prompts() : image.prompts());
        if (prompts.isEmpty()) {
            kept++;
            return;
        }
        int slot = slots.take();
        pending.add(new PendingImage(image, slot, prompts, this::length, () -> read(image, slot), workers));
        prompted += prompts.size();
    }

    private void read(SourceImage image, int slot) {
        if (abandoned) {
            throw new IllegalStateException("abandoned");
        }
        var own = image.boxes();
        var regions = new Regions(own == null ? options.boxes() : own, 0, 0, RegionMode.HIGHLIGHT);
        try (var span = Trace.span("sample")) {
            image.content().load(pipeline, captioner.processor(), regions, slots.place(slot));
        }
    }

    /** Tokens of a prompt; of a model without tokenizers the prompt itself. */
    private Object length(String prompt) {
        var tokenizers = captioner.model().promptTokenizers();
        return tokenizers.isEmpty()
                ? prompt
                : tokenizers.stream()
                        .map(tokenizer ->
                                tokenizer.encode(prompt, EncodeOptions.plain()).ids().length)
                        .toList();
    }

    /** A full batch of one length, or else, as nothing more fits into the window, that of the oldest image. */
    private List<Prompted> next() {
        var byLength = new LinkedHashMap<Object, List<Prompted>>();
        for (var image : pending) {
            for (var each : image.prompts()) {
                if (!each.isDone()) {
                    byLength.computeIfAbsent(each.length(), length -> new ArrayList<>())
                            .add(each);
                }
            }
        }
        int B = options.batchSize();
        var oldest = byLength.values().iterator().next();
        var chosen = byLength.values().stream()
                .filter(alike -> alike.size() >= B)
                .findFirst()
                .orElse(oldest);
        return chosen.subList(0, Math.min(B, chosen.size()));
    }

    private void caption(List<Prompted> chosen) {
        try (var span = Trace.span("data wait")) {
            chosen.forEach(Prompted::awaitImage);
        }
        var batch = chosen.stream().filter(each -> !each.isDone()).toList();
        if (batch.isEmpty()) {
            return;
        }
        try (var scope = new PointerScope()) {
            var pixels = collated(batch);
            var captions = captioner.caption(
                    pixels, batch.stream().map(Prompted::prompt).toList());
            for (int b = 0; b < batch.size(); b++) {
                batch.get(b).finish(captions.get(b));
            }
        }
    }

    /** @return (B, 3, S, S) in the enclosing scope */
    private Tensor collated(List<Prompted> batch) {
        try (var span = Trace.span("collate")) {
            return slots.batch(batch.stream().mapToLong(Prompted::slot).toArray());
        }
    }

    private void write(PendingImage done) {
        slots.release(done.slot());
        prompted -= done.prompts().size();
        var results = done.results();
        out.write(done.image(), results);
        if (results.get(0).problem() == null) {
            captioned++;
        } else {
            failed++;
        }
    }

    /** Waits until no worker writes any more. */
    @Override
    public void close() {
        abandoned = true;
        if (workers != null) {
            workers.shutdown();
            boolean interrupted = Thread.interrupted();
            while (!workers.isTerminated()) {
                try {
                    workers.awaitTermination(1, TimeUnit.MINUTES);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        slots.close();
    }
}
