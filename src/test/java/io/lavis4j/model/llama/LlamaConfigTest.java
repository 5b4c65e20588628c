package io.lavis4j.model.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LlamaConfigTest {

    private static LlamaConfig of(String json) {
        try {
            return LlamaConfig.of(new ObjectMapper().readTree(json.replace('\'', '"')));
        } catch (JsonProcessingException e) {
            throw new AssertionError(json, e);
        }
    }

    @Test
    void publishedModelsHaveTheirNumberOfParameters() {
        assertThat(new Llama(LlamaConfig.vicuna7b()).numParameters()).isEqualTo(6738415616L);
        assertThat(new Llama(LlamaConfig.vicuna13b()).numParameters()).isEqualTo(13015864320L);
    }

    @Test
    void absentFieldsOfAConfigFileHaveHuggingFacesDefaults() {
        assertThat(of("{}")).isEqualTo(LlamaConfig.vicuna7b());
        assertThat(of("{'hidden_size': 5120, 'num_attention_heads': 40, 'num_hidden_layers': 40,"
                        + " 'intermediate_size': 13824, 'pad_token_id': -1, 'rope_scaling': null}"))
                .isEqualTo(LlamaConfig.vicuna13b());
    }

    @Test
    void headsOfKeysAndTheirWidthMayDiffer() {
        var config = of("{'num_key_value_heads': 8, 'head_dim': 64, 'tie_word_embeddings': true}");
        assertThat(config.numKeyValueHeads()).isEqualTo(8);
        assertThat(config.headDim()).isEqualTo(64);
        assertThat(config.tieWordEmbeddings()).isTrue();
        assertThatThrownBy(() -> of("{'num_key_value_heads': 5}"))
                .hasMessage("numAttentionHeads must be divisible by numKeyValueHeads, got 32 and 5");
        assertThatThrownBy(() -> of("{'num_attention_heads': 30}"))
                .hasMessage("LLaMA config: expected hidden_size divisible by num_attention_heads, or head_dim,"
                        + " got 4096 and 30");
        assertThatThrownBy(() -> of("{'head_dim': 63}"))
                .hasMessage("headDim must be even, as positions turn pairs of components, got 63");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'rope_theta': 500000}",
                "{'rope_parameters': {'rope_type': 'default', 'rope_theta': 500000}}",
                "{'rope_theta': 500000, 'rope_scaling': {'type': 'linear', 'factor': 1.0}}"
            })
    void theBaseOfPositionsIsReadFromOlderAndNewerFiles(String json) {
        assertThat(of(json).ropeTheta()).isEqualTo(500000);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'rope_scaling': {'type': 'linear', 'factor': 2.0}}",
                "{'rope_scaling': {'rope_type': 'llama3', 'factor': 8.0}}",
                "{'rope_parameters': {'rope_type': 'yarn', 'rope_theta': 10000}}"
            })
    void scaledPositionsAreRefused(String json) {
        assertThatThrownBy(() -> of(json))
                .hasMessageStartingWith("LLaMA config: expected positions that are not scaled, got rope_");
    }

    @ParameterizedTest
    @CsvSource({
        "model_type, mistral, llama",
        "hidden_act, gelu, silu",
        "attention_bias, true, false",
        "mlp_bias, true, false"
    })
    void otherVariantsAreRefused(String field, String found, String expected) {
        assertThatThrownBy(() -> of("{'%s': '%s'}".formatted(field, found)))
                .hasMessage("LLaMA config: expected %s %s, got %s".formatted(field, expected, found));
    }

    @Test
    void severalEndTokensAreRefused() {
        assertThatThrownBy(() -> of("{'eos_token_id': [2, 3]}"))
                .hasMessage("LLaMA config: expected eos_token_id as a value of type int, got [2,3]");
    }

    @Test
    void lavissPaddingIsOneWordMore() {
        var config = LlamaConfig.vicuna7b().withPadToken();
        assertThat(config.vocabSize()).isEqualTo(32001);
        assertThat(config.padTokenId()).isEqualTo(32000);
    }
}
