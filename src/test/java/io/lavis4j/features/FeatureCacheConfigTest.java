package io.lavis4j.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Section;
import io.lavis4j.features.FeatureCacheConfig.Place;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FeatureCacheConfigTest {

    private static FeatureCacheConfig read(Map<String, Object> keys) {
        var run = Section.root(Map.of("run", keys)).section("run");
        var config = run.read(FeatureCacheConfig::read);
        run.requireValid();
        return Section.present(config);
    }

    private static void assertProblems(Map<String, Object> keys, String... problems) {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> read(keys))
                .satisfies(e -> assertThat(e.problems()).containsExactlyInAnyOrder(problems));
    }

    @Test
    void nothingIsKeptUnlessAskedFor() {
        assertThat(read(Map.of())).isEqualTo(FeatureCacheConfig.OFF);
        assertThat(read(Map.of("cache_vision_features", false)))
                .as("off, as YAML reads it")
                .isEqualTo(FeatureCacheConfig.OFF);
        assertThat(read(Map.of("cache_vision_features", "off"))).isEqualTo(FeatureCacheConfig.OFF);
    }

    @Test
    void everyKeyIsRead() {
        assertThat(read(Map.of(
                        "cache_vision_features",
                        "disk",
                        "cache_vision_views",
                        3,
                        "cache_vision_dtype",
                        "int8",
                        "cache_vision_dir",
                        "features")))
                .isEqualTo(new FeatureCacheConfig(Place.DISK, 3, FeatureType.INT8, Path.of("features")));
    }

    @Test
    void unknownValuesAreErrors() {
        assertProblems(
                Map.of("cache_vision_features", "ram"),
                "run.cache_vision_features is \"ram\", which is unknown; expected one of [disk, memory, off]");
        assertProblems(
                Map.of("cache_vision_features", true),
                "run.cache_vision_features is true; expected off, memory or disk");
        assertProblems(
                Map.of("cache_vision_features", "memory", "cache_vision_dtype", "int4", "cache_vision_views", 0),
                "run.cache_vision_dtype is \"int4\", which is unknown; did you mean int8? Known are [bf16, fp16, fp32, int8]",
                "run.cache_vision_views must be at least 1, got 0");
    }

    @Test
    void keysThatWouldDoNothingAreErrors() {
        assertProblems(
                Map.of("cache_vision_views", 2),
                "run.cache_vision_views is 2, which needs run.cache_vision_features=memory or disk; set that, or remove this");
        assertProblems(
                Map.of("cache_vision_features", "memory", "cache_vision_dir", "features"),
                "run.cache_vision_dir is features, which needs run.cache_vision_features=disk; set that, or remove this");
    }
}
