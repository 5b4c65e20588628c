package io.lavis4j.model.t5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lavis4j.model.t5.T5Config.DenseActFn;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class T5ConfigTest {

    private static T5Config read(String json) {
        try {
            return T5Config.of(new ObjectMapper().readTree(json));
        } catch (JsonProcessingException e) {
            throw new AssertionError(json, e);
        }
    }

    @Test
    void publishedFilesMakeThePublishedShapes() {
        String file = """
                {"model_type": "t5", "d_ff": %d, "d_kv": 64, "d_model": %d, "num_heads": %d, "num_layers": 24,
                 "num_decoder_layers": 24, "feed_forward_proj": "gated-gelu", "tie_word_embeddings": false,
                 "relative_attention_max_distance": 128, "relative_attention_num_buckets": 32,
                 "layer_norm_epsilon": 1e-06, "dropout_rate": 0.1, "vocab_size": 32128,
                 "pad_token_id": 0, "eos_token_id": 1, "decoder_start_token_id": 0}
                """;
        assertThat(read(file.formatted(5120, 2048, 32))).isEqualTo(T5Config.flanT5Xl());
        assertThat(read(file.formatted(10240, 4096, 64))).isEqualTo(T5Config.flanT5Xxl());
    }

    @Test
    void absentFieldsHaveHuggingFacesDefaults() {
        assertThat(read("{\"feed_forward_proj\": \"gated-gelu\"}"))
                .isEqualTo(new T5Config(
                        32128, 512, 64, 2048, 6, 6, 8, 32, 128, 0.1, 1e-6, DenseActFn.GELU_NEW, true, 0, 1, 0));
    }

    @ParameterizedTest
    @CsvSource({
        "'', GELU_NEW, true",
        "', \"dense_act_fn\": \"gelu\"', GELU, true",
        "', \"tie_word_embeddings\": false', GELU_NEW, false",
        "', \"tie_word_embeddings\": true, \"scale_decoder_outputs\": false', GELU_NEW, false"
    })
    void newerFieldsSayMoreThanOlderOnes(String more, DenseActFn activation, boolean tied) {
        var config = read("{\"feed_forward_proj\": \"gated-gelu\"" + more + "}");
        assertThat(config.denseActFn()).isEqualTo(activation);
        assertThat(config.tieWordEmbeddings()).isEqualTo(tied);
    }

    @Test
    void otherFeedForwardBlocksAndModelsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("{\"model_type\": \"t5\"}"))
                .withMessage("T5 config: expected model_type t5 and feed_forward_proj gated-gelu, got t5 and relu;"
                        + " use a T5 of version 1.1, such as Flan-T5");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("{\"model_type\": \"umt5\", \"feed_forward_proj\": \"gated-gelu\"}"))
                .withMessageContaining("got umt5 and gated-gelu");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("{\"feed_forward_proj\": \"gated-gelu\", \"dense_act_fn\": \"silu\"}"))
                .withMessage("T5 config: expected dense_act_fn as gelu or gelu_new, got \"silu\"");
    }

    @Test
    void bucketsThatNoDistanceFitsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> read("{\"feed_forward_proj\": \"gated-gelu\", \"relative_attention_num_buckets\": 7}"))
                .withMessageContaining("must be even and at least 4")
                .withMessageEndingWith("got 7");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> read("{\"feed_forward_proj\": \"gated-gelu\", \"relative_attention_max_distance\": 16}"))
                .withMessageContaining("above half of the 32 buckets")
                .withMessageEndingWith("got 16");
    }
}
