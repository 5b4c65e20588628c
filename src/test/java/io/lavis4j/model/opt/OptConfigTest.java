package io.lavis4j.model.opt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptConfigTest {

    /** Numbers of parameters as the hub's files have them, tied head counted once. */
    @ParameterizedTest
    @CsvSource({
        "opt-125m, 125239296",
        "opt-350m, 331196416",
        "opt-1.3b, 1315758080",
        "facebook/opt-2.7b, 2651596800",
        "facebook/opt-6.7b, 6658473984",
        "opt-13b, 12853473280",
        "opt-30b, 29974540288"
    })
    void publishedModelsHaveTheirNumberOfParameters(String name, long count) {
        assertThat(new Opt(OptConfig.published(name)).numParameters()).isEqualTo(count);
    }

    @Test
    void anUnknownNameIsRefusedWithTheKnownOnes() {
        assertThatThrownBy(() -> OptConfig.published("facebook/opt-3b"))
                .hasMessageContaining("unknown OPT model \"facebook/opt-3b\"")
                .hasMessageContaining("opt-2.7b");
    }

    @Test
    void absentFieldsOfAConfigFileHaveHuggingFacesDefaults() {
        var config = OptConfig.of(new ObjectMapper().valueToTree(Map.of("hidden_size", 768)));
        assertThat(config).isEqualTo(OptConfig.published("opt-125m"));
    }

    @Test
    void anotherActivationIsRefused() {
        assertThatThrownBy(() -> OptConfig.of(new ObjectMapper().valueToTree(Map.of("activation_function", "gelu"))))
                .hasMessage("OPT config: expected activation_function relu, got gelu");
    }
}
