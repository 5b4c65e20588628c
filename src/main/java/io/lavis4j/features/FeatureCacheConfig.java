package io.lavis4j.features;

import io.lavis4j.config.Checks;
import io.lavis4j.config.Section;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The vision features that training keeps, all ours.
 *
 * @param place key {@code cache_vision_features}: where they are kept, {@code off} by default
 * @param views key {@code cache_vision_views}: views kept of each image whose processor draws; {@code null}, the
 *     default, where none does
 * @param type key {@code cache_vision_dtype}; {@code null}, the default, for the encoder's own, which is exact
 * @param folder key {@code cache_vision_dir}: of those on disk; {@code null}, the default, for {@code vision_features}
 *     below {@code output_dir}
 */
public record FeatureCacheConfig(
        Place place,
        @Nullable Integer views,
        @Nullable FeatureType type,
        @Nullable Path folder) {

    /** The key of {@link #place}. */
    public static final String FEATURES = "cache_vision_features";

    /** The key of {@link #views}. */
    public static final String VIEWS = "cache_vision_views";

    static final String TYPE = "cache_vision_dtype";
    static final String FOLDER = "cache_vision_dir";

    /** Nothing is kept. */
    public static final FeatureCacheConfig OFF = new FeatureCacheConfig(Place.OFF, null, null, null);

    /** Where features are kept. */
    public enum Place {
        /** Nowhere. */
        OFF,
        /** In memory that ends with the process. */
        MEMORY,
        /** In files that later runs, and other processes of the machine, share. */
        DISK
    }

    public FeatureCacheConfig {
        checks(views).done();
    }

    private static Checks checks(@Nullable Integer views) {
        return new Checks().atLeast(VIEWS, views == null ? 1 : views, 1);
    }

    /**
     * The folder of those on disk.
     *
     * @param outputDir of the run
     */
    public Path folder(Path outputDir) {
        return folder == null ? outputDir.resolve("vision_features") : folder;
    }

    /** Views that are kept of an image, if its processor draws. */
    public int viewsOfImage() {
        return views == null ? 1 : views;
    }

    /**
     * Bytes in which a token is kept.
     *
     * @param width of the token, D
     * @param bytes of a number of the encoder's
     */
    public int bytesOfToken(int width, int bytes) {
        return type == null ? width * bytes : type.bytes(width);
    }

    /** Whether features are kept. */
    public boolean isOn() {
        return place != Place.OFF;
    }

    /** Reads the keys of {@code run}. */
    public static FeatureCacheConfig read(Section run) {
        var place = place(run);
        var views = run.has(VIEWS) ? Integer.valueOf(run.integer(VIEWS)) : null;
        var type = run.has(TYPE) ? run.choice(TYPE, FeatureType.class) : null;
        var folder = run.file(FOLDER);
        run.check(checks(views));
        var config = new FeatureCacheConfig(place, run.isSound(VIEWS) ? views : null, type, folder);
        if (place == Place.OFF && run.isSound(FEATURES)) {
            requireUnset(run, VIEWS, TYPE, FOLDER);
        } else if (place == Place.MEMORY) {
            requireUnset(run, FOLDER);
        }
        return config;
    }

    /** YAML takes {@code off} for false, and {@code on} for true. */
    private static Place place(Section run) {
        if (run.values().get(FEATURES) instanceof Boolean flag) {
            run.ignore(FEATURES);
            if (flag) {
                run.problem(FEATURES, "is true; expected off, memory or disk");
            }
            return Place.OFF;
        }
        return run.choice(FEATURES, Place.OFF);
    }

    private static void requireUnset(Section run, String... keys) {
        for (String key : keys) {
            if (run.has(key)) {
                run.problem(
                        key,
                        "is %s, which needs %s=%s; set that, or remove this"
                                .formatted(
                                        run.values().get(key),
                                        run.path(FEATURES),
                                        key.equals(FOLDER) ? "disk" : "memory or disk"));
            }
        }
    }
}
