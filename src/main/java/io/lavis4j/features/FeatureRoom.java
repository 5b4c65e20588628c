package io.lavis4j.features;

import static io.lavis4j.features.FeatureCacheConfig.FEATURES;
import static io.lavis4j.features.FeatureCacheConfig.FOLDER;
import static io.lavis4j.features.FeatureCacheConfig.TYPE;
import static io.lavis4j.features.FeatureCacheConfig.VIEWS;

import io.lavis4j.config.ConfigException;
import io.lavis4j.features.FeatureCacheConfig.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The room that features take, before there are any.
 *
 * @param place where they are kept
 * @param codec of the features
 * @param views that all images have
 * @param perImage the most that one has; 1 where nothing is drawn
 * @param there views that are kept already
 * @param processes of this machine, each of which has a memory of its own
 * @param free what there is
 */
record FeatureRoom(Place place, FeatureCodec codec, long views, int perImage, long there, int processes, Free free) {

    /**
     * Bytes that may be taken.
     *
     * @param memory of the machine
     * @param disk of the folder
     */
    record Free(long memory, long disk) {}

    /** What will be taken, and of how much. */
    String text() {
        return "%d views of %d bytes each%s, of which %d are there: %s, and %s are free"
                .formatted(
                        views,
                        codec.bytes(),
                        copies(place) == 1 ? "" : " in each of %d processes".formatted(processes),
                        there,
                        shown(needed(place, codec)),
                        shown(free(place)));
    }

    /** @throws ConfigException if it is not there; the message says what would be */
    void require() {
        if (needed(place, codec) <= free(place)) {
            return;
        }
        var ways = ways();
        throw new ConfigException(List.of("run.%s=%s needs %s; %s"
                .formatted(
                        FEATURES,
                        place.name().toLowerCase(Locale.ROOT),
                        text(),
                        ways.isEmpty()
                                ? "nothing else fits either: make room%s, or set run.%s=off"
                                        .formatted(
                                                place == Place.DISK ? ", name another folder in run." + FOLDER : "",
                                                FEATURES)
                                : "set " + String.join(", or ", ways))));
    }

    /** The settings that would fit. */
    private List<String> ways() {
        var ways = new ArrayList<String>();
        for (var type : List.of(FeatureType.FP16, FeatureType.INT8)) {
            var smaller = codec.in(type);
            if (smaller.bytes() < codec.bytes() && fits(place, smaller)) {
                ways.add("run.%s=%s, which takes %s"
                        .formatted(TYPE, type.name().toLowerCase(Locale.ROOT), shown(needed(place, smaller))));
            }
        }
        if (place == Place.MEMORY && fits(Place.DISK, codec)) {
            ways.add("run.%s=disk, where %s are free".formatted(FEATURES, shown(free.disk())));
        }
        long fewer = free(place) / Math.max(1, needed(place, codec) / perImage);
        if (perImage > 1 && fewer >= 1) {
            ways.add("run.%s=%d".formatted(VIEWS, Math.min(fewer, perImage - 1)));
        }
        return ways;
    }

    private boolean fits(Place other, FeatureCodec smaller) {
        return needed(other, smaller) <= free(other);
    }

    private long free(Place other) {
        return other == Place.MEMORY ? free.memory() : free.disk();
    }

    /** What is there is of this place and this codec. */
    private long needed(Place other, FeatureCodec smaller) {
        long rest = other == place && smaller.equals(codec) ? Math.max(0, views - there) : views;
        long row = other == Place.DISK ? Segment.recordBytes(smaller.bytes()) : smaller.bytes();
        return rest * row * copies(other);
    }

    private int copies(Place other) {
        return other == Place.MEMORY ? processes : 1;
    }

    private static String shown(long bytes) {
        return "%.1f MiB".formatted(bytes / (double) (1 << 20));
    }
}
