package io.lavis4j.model.blip2;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.io.JsonFile;
import io.lavis4j.model.evavit.EvaVitConfig;
import io.lavis4j.model.opt.OptConfig;
import io.lavis4j.model.qformer.QFormerConfig;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Tensor;

/**
 * A directory that Hugging Face's {@code Blip2ForConditionalGeneration} with OPT was saved to.
 *
 * <p>Its {@code post_layernorm} is {@code ln_vision}, its fused attention bias is (q_bias, 0, v_bias), and its
 * vocabulary may have rows for image placeholders after OPT's.
 */
public final class HuggingFaceBlip2 {

    private static final Map<Pattern, String> NAMES = names(
            "vision_model\\.embeddings\\.class_embedding", "visual_encoder.cls_token",
            "vision_model\\.embeddings\\.position_embedding", "visual_encoder.pos_embed",
            "vision_model\\.embeddings\\.patch_embedding\\.(.*)", "visual_encoder.patch_embed.proj.$1",
            "vision_model\\.encoder\\.layers\\.(\\d+)\\.layer_norm([12])\\.(.*)", "visual_encoder.blocks.$1.norm$2.$3",
            "vision_model\\.encoder\\.layers\\.(\\d+)\\.self_attn\\.projection\\.(.*)",
                    "visual_encoder.blocks.$1.attn.proj.$2",
            "vision_model\\.encoder\\.layers\\.(\\d+)\\.self_attn\\.qkv\\.weight",
                    "visual_encoder.blocks.$1.attn.qkv.weight",
            "vision_model\\.encoder\\.layers\\.(\\d+)\\.mlp\\.(.*)", "visual_encoder.blocks.$1.mlp.$2",
            "vision_model\\.post_layernorm\\.(.*)", "ln_vision.$1",
            "qformer\\.layernorm\\.(.*)", "Qformer.bert.embeddings.LayerNorm.$1",
            "qformer\\.encoder\\.layer\\.(\\d+)\\.(attention|crossattention)\\.attention\\.(.*)",
                    "Qformer.bert.encoder.layer.$1.$2.self.$3",
            "qformer\\.encoder\\.(.*)", "Qformer.bert.encoder.$1",
            "language_projection\\.(.*)", "opt_proj.$1",
            "language_model\\.(.*)", "opt_model.$1",
            "query_tokens", "query_tokens");

    private static final Pattern QKV_BIAS =
            Pattern.compile("vision_model\\.encoder\\.layers\\.(\\d+)\\.self_attn\\.qkv\\.bias");

    private HuggingFaceBlip2() {}

    private static Map<Pattern, String> names(String... pairs) {
        var names = new LinkedHashMap<Pattern, String>();
        for (int i = 0; i < pairs.length; i += 2) {
            names.put(Pattern.compile(pairs[i]), pairs[i + 1]);
        }
        return names;
    }

    /** The shape that {@code config.json} in a directory describes; absent fields have Hugging Face's defaults. */
    public static Blip2OptConfig config(Path directory, String prompt) {
        var file = directory.resolve("config.json");
        var json = JsonFile.of(file, "the configuration in a folder that save_pretrained wrote")
                .object();
        var text = json.path("text_config");
        String type = text.path("model_type").asText("opt");
        if (!json.path("model_type").asText().equals("blip-2") || !type.equals("opt")) {
            throw new IllegalArgumentException("%s: expected model_type blip-2 with an opt text_config, got %s with %s"
                    .formatted(file, json.path("model_type").asText(), type));
        }
        var vision = json.path("vision_config");
        int width = vision.path("hidden_size").asInt(1408);
        var encoder = new EvaVitConfig(
                vision.path("image_size").asInt(224),
                vision.path("patch_size").asInt(14),
                width,
                vision.path("num_hidden_layers").asInt(39),
                vision.path("num_attention_heads").asInt(16),
                vision.path("intermediate_size").asInt(6144),
                0,
                vision.path("layer_norm_eps").asDouble(1e-6));
        var precision = precision(json);
        var blip2 = new Blip2Config(encoder, encoder.layerNormEps(), qformer(json, width), 32, true, false, precision);
        return new Blip2OptConfig(blip2, OptConfig.of(text), prompt, precision);
    }

    private static QFormerConfig qformer(JsonNode json, int encoderWidth) {
        var qformer = json.path("qformer_config");
        return new QFormerConfig(
                json.path("num_query_tokens").asInt(32),
                qformer.path("hidden_size").asInt(768),
                qformer.path("num_hidden_layers").asInt(12),
                qformer.path("num_attention_heads").asInt(12),
                qformer.path("intermediate_size").asInt(3072),
                qformer.path("cross_attention_frequency").asInt(2),
                encoderWidth,
                qformer.path("vocab_size").asInt(30522),
                qformer.path("max_position_embeddings").asInt(512),
                qformer.path("layer_norm_eps").asDouble(1e-12),
                qformer.path("hidden_dropout_prob").asDouble(0.1));
    }

    private static Precision precision(JsonNode json) {
        String dtype = json.path("dtype").asText(json.path("torch_dtype").asText("float32"));
        return switch (dtype) {
            case "float16" -> Precision.FP16;
            case "bfloat16" -> Precision.BF16;
            default -> Precision.FP32;
        };
    }

    /**
     * The state dict under LAVIS's names.
     *
     * @throws IllegalArgumentException if a name belongs to no BLIP-2 with OPT, or a key has a bias
     */
    public static Map<String, Tensor> fit(Map<String, Tensor> state) {
        var fitted = new LinkedHashMap<String, Tensor>();
        state.forEach((name, tensor) -> {
            var bias = QKV_BIAS.matcher(name);
            if (bias.matches()) {
                splitBias(name, "visual_encoder.blocks." + bias.group(1) + ".attn.", tensor, fitted);
            } else {
                fitted.put(rename(name), tensor);
            }
        });
        return fitted;
    }

    private static String rename(String name) {
        for (var entry : NAMES.entrySet()) {
            var matcher = entry.getKey().matcher(name);
            if (matcher.matches()) {
                return matcher.replaceFirst(entry.getValue());
            }
        }
        throw new IllegalArgumentException("\"" + name + "\" is not a weight of a BLIP-2 with OPT");
    }

    private static void splitBias(String name, String prefix, Tensor bias, Map<String, Tensor> fitted) {
        long D = bias.size(0) / 3;
        boolean keyBias = Scopes.keep(
                        () -> bias.narrow(0, D, D).ne(Tensors.scalar(0)).any())
                .item_bool();
        if (keyBias) {
            throw new IllegalArgumentException(
                    "\"" + name + "\" has a bias on the keys, which BLIP-2's ViT does not have");
        }
        fitted.put(prefix + "q_bias", bias.narrow(0, 0, D));
        fitted.put(prefix + "v_bias", bias.narrow(0, 2 * D, D));
    }
}
