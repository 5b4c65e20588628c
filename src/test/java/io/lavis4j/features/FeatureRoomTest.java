package io.lavis4j.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.config.ConfigException;
import io.lavis4j.features.FeatureCacheConfig.Place;
import io.lavis4j.features.FeatureRoom.Free;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

class FeatureRoomTest {

    private static final long MIB = 1 << 20;

    /** 1 MiB an image in fp32. */
    private static final FeatureCodec CODEC = new FeatureCodec(FeatureType.FP32, ScalarType.Float, 256, 1024);

    private static FeatureRoom room(Place place, long views, int perImage, long memory, long disk) {
        return new FeatureRoom(place, CODEC, views, perImage, 0, 1, new Free(memory * MIB, disk * MIB));
    }

    @Test
    void whatFitsIsSaid() {
        var room = room(Place.MEMORY, 100, 1, 100, 0);
        assertThatCode(room::require).doesNotThrowAnyException();
        assertThat(room.text())
                .isEqualTo("100 views of 1048576 bytes each, of which 0 are there: 100.0 MiB, and 100.0 MiB are free");
    }

    @Test
    void whatIsThereTakesNoMoreRoom() {
        var free = new Free(0, 11 * MIB);
        assertThatCode(new FeatureRoom(Place.DISK, CODEC, 100, 1, 90, 1, free)::require)
                .doesNotThrowAnyException();
        assertThatThrownBy(new FeatureRoom(Place.DISK, CODEC, 100, 1, 80, 1, free)::require)
                .isInstanceOf(ConfigException.class);
    }

    @Test
    void everyProcessHasAMemoryOfItsOwn() {
        var free = new Free(150 * MIB, 150 * MIB);
        assertThatThrownBy(new FeatureRoom(Place.MEMORY, CODEC, 100, 1, 0, 2, free)::require)
                .hasMessageContaining("in each of 2 processes");
        assertThatCode(new FeatureRoom(Place.DISK, CODEC, 100, 1, 0, 2, free)::require)
                .doesNotThrowAnyException();
    }

    @Test
    void whatDoesNotFitSaysWhatWould() {
        assertThatThrownBy(room(Place.MEMORY, 100, 4, 60, 200)::require)
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(
                        "run.cache_vision_features=memory needs 100 views of 1048576 bytes each, of which 0 are there: 100.0 MiB, and 60.0 MiB are free; set run.cache_vision_dtype=fp16, which takes 50.0 MiB, or run.cache_vision_dtype=int8, which takes 25.1 MiB, or run.cache_vision_features=disk, where 200.0 MiB are free, or run.cache_vision_views=2");
        assertThatThrownBy(room(Place.MEMORY, 100, 1, 40, 40)::require)
                .hasMessageContaining("set run.cache_vision_dtype=int8, which takes 25.1 MiB")
                .hasMessageNotContainingAny("fp16", "=disk", "cache_vision_views");
        assertThatThrownBy(room(Place.DISK, 100, 1, 500, 4)::require)
                .hasMessageContaining(
                        "nothing else fits either: make room, name another folder in run.cache_vision_dir, or set run.cache_vision_features=off");
    }
}
