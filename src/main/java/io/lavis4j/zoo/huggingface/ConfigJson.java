package io.lavis4j.zoo.huggingface;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.model.blip2.Blip2Config;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.model.blip2.Blip2Qformer;
import io.lavis4j.model.blip2.Blip2T5;
import io.lavis4j.model.blip2.Blip2T5Instruct;
import io.lavis4j.model.blip2.Blip2VicunaInstruct;
import io.lavis4j.model.evavit.EvaVitConfig;
import io.lavis4j.model.llama.LlamaConfig;
import io.lavis4j.model.opt.OptConfig;
import io.lavis4j.model.t5.T5Config;
import java.util.Locale;

/**
 * The {@code config.json} of a model of ours, as transformers 5 reads it. Whoever writes it adds the class, the dtype,
 * the image token and the rows of the word table.
 *
 * <p>Differences from a model's own behaviour: Hugging Face's {@code post_layernorm} has the epsilon of the other
 * norms, 1e-6, where LAVIS's {@code ln_vision} has 1e-5.
 */
final class ConfigJson {

    private static final String BLIP2 = "blip_2";
    private static final String INSTRUCT = "instructblip";

    private ConfigJson() {}

    static ObjectNode of(Blip2Opt model) {
        var json = halves(model.config().blip2(), BLIP2);
        json.set("text_config", opt(model.config().opt()));
        return json.put("use_decoder_only_language_model", true);
    }

    static ObjectNode of(Blip2T5 model) {
        var json = halves(model.config().blip2(), BLIP2);
        json.set("text_config", t5(model.config().t5()));
        return json.put("use_decoder_only_language_model", false).put("is_encoder_decoder", true);
    }

    static ObjectNode of(Blip2T5Instruct model) {
        requireInstructions(model.config().qformerTextInput());
        var json = halves(model.config().blip2(), INSTRUCT);
        json.set("text_config", t5(model.config().t5()));
        return json.put("use_decoder_only_language_model", false);
    }

    static ObjectNode of(Blip2VicunaInstruct model) {
        requireInstructions(model.config().qformerTextInput());
        var json = halves(model.config().blip2(), INSTRUCT);
        json.set("text_config", llama(model.config().llama()));
        return json.put("use_decoder_only_language_model", true);
    }

    /** The text configuration of this class means nothing, but must be there. */
    static ObjectNode of(Blip2Qformer model) {
        var json = halves(model.config().blip2(), BLIP2);
        json.withObject("/qformer_config").put("use_qformer_text_input", true);
        json.putObject("text_config").put("model_type", "opt");
        return json.put("image_text_hidden_size", model.config().embedDim())
                .put("use_decoder_only_language_model", true);
    }

    private static void requireInstructions(boolean qformerTextInput) {
        if (!qformerTextInput) {
            throw new IllegalArgumentException(
                    "qformer_text_input is False, expected True: the Q-Former of Hugging Face's InstructBLIP reads every instruction");
        }
    }

    private static ObjectNode halves(Blip2Config config, String family) {
        if (!(config.vision() instanceof EvaVitConfig vision)) {
            throw new IllegalArgumentException(
                    "vit_model is a %s, expected eva_clip_g or another EVA ViT: Hugging Face's classes have no other vision encoder"
                            .formatted(
                                    config.vision().getClass().getSimpleName().replace("Config", "")));
        }
        var json = JsonNodeFactory.instance.objectNode();
        json.putObject("vision_config")
                .put("model_type", family + "_vision_model")
                .put("image_size", vision.imageSize())
                .put("patch_size", vision.patchSize())
                .put("hidden_size", vision.embedDim())
                .put("num_hidden_layers", vision.depth())
                .put("num_attention_heads", vision.numHeads())
                .put("intermediate_size", vision.mlpHidden())
                .put("layer_norm_eps", vision.layerNormEps())
                .put("hidden_act", "gelu")
                .put("qkv_bias", true)
                .put("attention_dropout", 0.0);
        var qformer = config.qformer();
        json.putObject("qformer_config")
                .put("model_type", family + "_qformer")
                .put("hidden_size", qformer.hiddenSize())
                .put("num_hidden_layers", qformer.numLayers())
                .put("num_attention_heads", qformer.numHeads())
                .put("intermediate_size", qformer.intermediateSize())
                .put("cross_attention_frequency", qformer.crossAttentionFreq())
                .put("encoder_hidden_size", qformer.encoderWidth())
                .put("vocab_size", qformer.vocabSize())
                .put("max_position_embeddings", qformer.maxPositions())
                .put("layer_norm_eps", qformer.layerNormEps())
                .put("hidden_act", "gelu")
                .put("hidden_dropout_prob", qformer.dropout())
                .put("attention_probs_dropout_prob", qformer.dropout());
        return json.put("num_query_tokens", qformer.numQueries());
    }

    private static ObjectNode opt(OptConfig opt) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("model_type", "opt")
                .put("vocab_size", opt.vocabSize())
                .put("hidden_size", opt.hiddenSize())
                .put("num_hidden_layers", opt.numHiddenLayers())
                .put("num_attention_heads", opt.numAttentionHeads())
                .put("ffn_dim", opt.ffnDim())
                .put("max_position_embeddings", opt.maxPositionEmbeddings())
                .put("word_embed_proj_dim", opt.wordEmbedProjDim())
                .put("do_layer_norm_before", opt.doLayerNormBefore())
                .put("_remove_final_layer_norm", opt.removeFinalLayerNorm())
                .put("dropout", opt.dropout())
                .put("activation_function", "relu")
                .put("tie_word_embeddings", true)
                .put("pad_token_id", opt.padTokenId())
                .put("bos_token_id", opt.bosTokenId())
                .put("eos_token_id", opt.eosTokenId());
    }

    /** What transformers 5 makes of {@code feed_forward_proj} gives way to the other keys. */
    private static ObjectNode t5(T5Config t5) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("model_type", "t5")
                .put("vocab_size", t5.vocabSize())
                .put("d_model", t5.dModel())
                .put("d_kv", t5.dKv())
                .put("d_ff", t5.dFf())
                .put("num_layers", t5.numLayers())
                .put("num_decoder_layers", t5.numDecoderLayers())
                .put("num_heads", t5.numHeads())
                .put("relative_attention_num_buckets", t5.relativeAttentionNumBuckets())
                .put("relative_attention_max_distance", t5.relativeAttentionMaxDistance())
                .put("dropout_rate", t5.dropoutRate())
                .put("layer_norm_epsilon", t5.layerNormEpsilon())
                .put("feed_forward_proj", "gated-gelu")
                .put("dense_act_fn", t5.denseActFn().name().toLowerCase(Locale.ROOT))
                .put("is_gated_act", true)
                .put("scale_decoder_outputs", t5.tieWordEmbeddings())
                .put("tie_word_embeddings", t5.tieWordEmbeddings())
                .put("pad_token_id", t5.padTokenId())
                .put("eos_token_id", t5.eosTokenId())
                .put("decoder_start_token_id", t5.decoderStartTokenId());
    }

    private static ObjectNode llama(LlamaConfig llama) {
        var json = JsonNodeFactory.instance
                .objectNode()
                .put("model_type", "llama")
                .put("vocab_size", llama.vocabSize())
                .put("hidden_size", llama.hiddenSize())
                .put("intermediate_size", llama.intermediateSize())
                .put("num_hidden_layers", llama.numHiddenLayers())
                .put("num_attention_heads", llama.numAttentionHeads())
                .put("num_key_value_heads", llama.numKeyValueHeads())
                .put("head_dim", llama.headDim())
                .put("max_position_embeddings", llama.maxPositionEmbeddings())
                .put("rms_norm_eps", llama.rmsNormEps())
                .put("rope_theta", llama.ropeTheta())
                .put("hidden_act", "silu")
                .put("attention_bias", false)
                .put("tie_word_embeddings", llama.tieWordEmbeddings())
                .put("pad_token_id", llama.padTokenId())
                .put("bos_token_id", llama.bosTokenId())
                .put("eos_token_id", llama.eosTokenId());
        json.putObject("rope_parameters").put("rope_theta", llama.ropeTheta()).put("rope_type", "default");
        return json;
    }
}
