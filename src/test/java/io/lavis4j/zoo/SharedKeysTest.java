package io.lavis4j.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Configuration;
import io.lavis4j.config.Section;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Keys that all architectures have. */
class SharedKeysTest {

    static Stream<String> architectures() {
        return StreamSupport.stream(new ModelZoo().spliterator(), false).map(Architecture::name);
    }

    private static ModelType<?> read(String name, String... options) {
        var architecture = new ModelZoo().get(name);
        String file =
                "model/%s_%s.yaml".formatted(name, architecture.published().get(0));
        var model = Configuration.load(file, List.of(options), variable -> null)
                .root()
                .section("model");
        var type = architecture.read(model);
        model.requireValid();
        return Section.present(type);
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void positionsAreResizedOnRequestAlone(String name) {
        assertThat(read(name).interpolatePosEmbed()).isFalse();
        assertThat(read(name, "model.interpolate_pos_embed=True").interpolatePosEmbed())
                .isTrue();
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void everySecondLayerAttendsToImages(String name) {
        assertThat(read(name, "model.cross_attention_freq=2")).isEqualTo(read(name));
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> read(name, "model.cross_attention_freq=3"))
                .withMessage(
                        "model.cross_attention_freq must be 2, as every published Q-Former attends to images, got 3");
    }
}
