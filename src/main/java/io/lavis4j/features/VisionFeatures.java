package io.lavis4j.features;

import static io.lavis4j.io.Arguments.require;

import io.lavis4j.features.FeatureCacheConfig.Place;
import io.lavis4j.io.AtomicFile;
import io.lavis4j.model.FeatureLearner;
import io.lavis4j.processor.ImageProcessor;
import io.lavis4j.tensor.Autocast;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The output of a frozen vision encoder, before {@code ln_vision}, for each view of an image: computed where it is met
 * first, and read from then on. What is trained on is always what is kept, so that it does not matter who computed it,
 * and when.
 *
 * <p>Loaders read from any thread; all else is for the thread that trains.
 */
public final class VisionFeatures implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(VisionFeatures.class);

    private final FeatureLearner model;
    private final Precision amp;
    private final FeatureCacheConfig config;
    private final Path folder;
    private final int seed;
    private final FeatureCodec codec;
    private final FeatureStore store;
    private final AtomicLong read = new AtomicLong();
    private long computed;
    private boolean lossIsKnown;

    private VisionFeatures(
            FeatureCacheConfig config, FeatureLearner model, Precision amp, int seed, Path folder, FeatureCodec codec) {
        this.config = config;
        this.model = model;
        this.amp = amp;
        this.folder = folder;
        this.seed = seed;
        this.codec = codec;
        store = config.place() == Place.MEMORY ? new MemoryStore(codec.bytes()) : onDisk();
        lossIsKnown = codec.isExact();
    }

    /**
     * Opens what is kept of a model, whose vision encoder does not change any more. It encodes an empty image, to see
     * what features it makes.
     *
     * @param config that keeps them
     * @param amp what training computes in
     * @param seed of the views
     * @param folder of those on disk
     */
    public static VisionFeatures open(
            FeatureCacheConfig config, FeatureLearner model, Precision amp, int seed, Path folder) {
        require(config.isOn(), "expected features to be kept in memory or on disk, got %s", config.place());
        return new VisionFeatures(config, model, amp, seed, folder, codec(config, model, amp));
    }

    private static FeatureCodec codec(FeatureCacheConfig config, FeatureLearner model, Precision amp) {
        long S = model.visualEncoder().imageSize();
        try (var scope = new PointerScope()) {
            var empty = torch.zeros(new long[] {1, 3, S, S}, Tensors.options(device(model), ScalarType.Float));
            var output = encode(model, amp, empty); // (1, N, D)
            var type = config.type();
            return FeatureCodec.of(output, type == null ? FeatureType.of(Tensors.dtype(output)) : type);
        }
    }

    private static Device device(FeatureLearner model) {
        return model.module().device();
    }

    private static Tensor encode(FeatureLearner model, Precision amp, Tensor image) {
        try (var noGrad = new NoGradGuard();
                var region = Autocast.ofRun(image.device(), amp)) {
            return model.visionFeatures(image);
        }
    }

    /** All that features depend on besides the view. */
    private String text() {
        var encoder = model.visualEncoder();
        return """
                Features of a vision encoder, kept by lavis4j. Whoever removes this folder has them computed again.
                encoder: %s of %d blocks, images of %d pixels
                weights: %s
                output: %d tokens of %d numbers in %s
                computed on: %s, model %s, run.amp %s
                kept in: %s
                """.formatted(
                        encoder.getClass().getSimpleName(),
                        encoder.getNumLayer(),
                        encoder.imageSize(),
                        WeightsDigest.of(encoder.module().stateDict()),
                        codec.tokens(),
                        codec.width(),
                        codec.dtype(),
                        device(model).is_cuda() ? "cuda" : "cpu",
                        model.precision(),
                        amp,
                        codec.type());
    }

    private FeatureStore onDisk() {
        String text = text();
        var own = folder.resolve(Fingerprint.of(text).toString());
        var store = new DiskStore(own, codec.bytes());
        var about = own.resolve("about.txt");
        if (!Files.exists(about)) {
            AtomicFile.write(about, text);
        }
        return store;
    }

    /** Whether what is kept is what was computed, bit for bit. */
    public boolean isExact() {
        return codec.isExact();
    }

    /** The bytes that an image takes. */
    public int bytes() {
        return codec.bytes();
    }

    /**
     * Says how much will be kept.
     *
     * @param all views that there are
     * @param processes of this machine that keep them
     * @throws io.lavis4j.config.ConfigException if there is no room for it; the message says what there is room for
     */
    public void requireRoom(long all, int processes) {
        var room = new FeatureRoom(
                config.place(),
                codec,
                all,
                config.viewsOfImage(),
                store.size(),
                processes,
                new FeatureRoom.Free(Machine.freeMemory(), Machine.freeDisk(folder)));
        room.require();
        LOG.info("Vision features in {}: {}", config.place() == Place.MEMORY ? "memory" : folder, room.text());
    }

    int seed() {
        return seed;
    }

    /**
     * The number of the view that is seen in an epoch.
     *
     * @throws IllegalArgumentException if the processor draws, and it is not said how many views are kept
     */
    int number(ImageProcessor processor, int epoch) {
        if (!processor.isRandom()) {
            return 0;
        }
        var views = config.views();
        if (views == null) {
            throw new IllegalArgumentException(
                    "%s draws another view of an image each time, which cannot be kept; set run.%s to the number of views to keep of each image"
                            .formatted(processor, FeatureCacheConfig.VIEWS));
        }
        return epoch % views;
    }

    /**
     * Brings features from where they are kept.
     *
     * @param row receives them from its position on, which stays
     * @return whether they are kept
     */
    boolean read(Fingerprint key, ByteBuffer row) {
        boolean there = store.read(key, row);
        if (there) {
            read.incrementAndGet();
        }
        return there;
    }

    /**
     * The features of a batch. Those that are not kept are computed, and are from now on.
     *
     * <p>The encoder is always given as many images as there are, each at its place in the batch: some products give a
     * row other last digits where there are fewer rows, or at another place, and features would depend on what else was
     * missing.
     *
     * @param images (B, 3, S, S), of which those that are not kept are looked at
     * @param kept of the same images
     * @return (B, N, D), of the caller's scope
     */
    public Tensor of(Tensor images, KeptFeatures kept) {
        int[] missing = kept.missing();
        var rows = kept.rows();
        return Scopes.keep(() -> {
            if (missing.length == 0 && rows != null) {
                return codec.unpack(rows);
            }
            var made = keep(codec.pack(compute(images, missing)), missing, kept); // (M, bytes)
            if (rows == null) {
                return codec.unpack(made);
            }
            long[] places = Arrays.stream(missing).asLongStream().toArray();
            return codec.unpack(rows.index_copy(0, Tensors.of(places, images.device()), made));
        });
    }

    /** The encoder's output for the missing images, (M, N, D). */
    private Tensor compute(Tensor images, int[] missing) {
        long[] places = Arrays.stream(missing).asLongStream().toArray();
        long[] order = LongStream.range(0, images.size(0))
                .map(b -> Arrays.binarySearch(places, b) < 0 ? places[0] : b)
                .toArray();
        var given = places.length == order.length ? images : images.index_select(0, Tensors.of(order, images.device()));
        var features = encode(model, amp, given).index_select(0, Tensors.of(places, images.device()));
        if (!lossIsKnown) {
            lossIsKnown = true;
            var loss = codec.loss(features);
            LOG.info(
                    "Vision features are kept in {} with an error of {} on average, and of {} of a token's largest number at most",
                    codec.type(),
                    "%.1e".formatted(loss.mean()),
                    "%.1e".formatted(loss.largest()));
        }
        return features;
    }

    /**
     * Keeps what is finite: of an update that is not, the place where that began is to be found. What has been kept
     * since the batch was loaded takes the place of what was made again.
     *
     * @return (M, bytes), what is to be seen
     */
    private Tensor keep(Tensor made, int[] missing, KeptFeatures kept) {
        long[] finite =
                Tensors.longs(codec.unpack(made).isfinite().flatten(1, 2).all(1));
        var host = made.to(Devices.cpu(), ScalarType.Byte).contiguous();
        var pieces = HostBytes.pieces(host, codec.bytes());
        var before = ByteBuffer.allocate(codec.bytes());
        boolean changed = false;
        for (int i = 0; i < missing.length; i++) {
            var key = kept.key(missing[i]);
            if (store.read(key, before)) {
                pieces.get(i).duplicate().put(before.duplicate());
                changed = true;
            } else if (finite[i] != 0) {
                store.write(key, pieces.get(i));
            }
        }
        computed += missing.length;
        return changed ? host.to(made.device(), ScalarType.Byte) : made;
    }

    /** Loaders may ask no more. */
    @Override
    public void close() {
        LOG.info("Vision features: {} computed, {} read", computed, read);
        store.close();
    }
}
