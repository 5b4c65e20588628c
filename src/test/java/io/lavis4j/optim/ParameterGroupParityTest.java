package io.lavis4j.optim;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.golden.Golden;
import io.lavis4j.golden.GoldenCases;
import io.lavis4j.model.BaseModel;
import io.lavis4j.model.VisionEncoderConfig;
import io.lavis4j.model.blip2.Blip2Case;
import io.lavis4j.model.blip2.Blip2Config;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.model.blip2.Blip2OptConfig;
import io.lavis4j.model.blip2.Blip2Qformer;
import io.lavis4j.model.blip2.Blip2QformerConfig;
import io.lavis4j.model.clipvit.ClipVitConfig;
import io.lavis4j.model.qformer.QFormerConfig;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tokenize.Tokenizer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class ParameterGroupParityTest {

    @TestFactory
    Stream<DynamicTest> equalsTheReference() {
        return Golden.tests("h_schedules", t -> {
            for (var expected : t.golden().json("expected.json").path("param_groups")) {
                String name = expected.get("model").asText();
                t.add(
                        "%s, layer decay %s".formatted(name, expected.get("lr_layer_decay")),
                        () -> equal(t.golden(), name, expected));
            }
        });
    }

    private static void equal(Golden golden, String name, JsonNode expected) {
        var model = model(golden, name);
        GroupsParity.assertEqual(
                ParameterGroup.of(
                        model.module(),
                        model.visualEncoder(),
                        expected.get("weight_decay").asDouble(),
                        expected.get("lr_layer_decay").asDouble()),
                expected.get("groups"));
    }

    /** The small models of the other cases, by the name in this one: {@code blip2_opt train_vit clip_L}. */
    private static BaseModel model(Golden golden, String name) {
        if (name.startsWith("blip2_qformer")) {
            return stage1(golden, name);
        }
        var opt = Golden.at(GoldenCases.sibling(golden.folder(), "c_blip2_opt"));
        var config = Blip2Case.config(opt.json("expected.json"), "");
        return new Blip2Opt(
                new Blip2OptConfig(blip2(golden, name, config.blip2()), config.opt(), "", config.precision()),
                Blip2Case.tokenizer(opt),
                golden.device());
    }

    private static Blip2Qformer stage1(Golden golden, String name) {
        var json = Golden.at(GoldenCases.sibling(golden.folder(), "e_blip2_qformer_stage1"))
                .json("expected.json");
        var config = new Blip2QformerConfig(
                blip2(golden, name, Blip2Case.blip2(json)),
                json.get("config").get("embed_dim").asInt(),
                Precision.FP32);
        var tokenizer = Tokenizer.qformer(
                GoldenCases.sibling(golden.folder(), "j_tokenizers").resolve("bert"));
        return new Blip2Qformer(config, tokenizer, golden.device());
    }

    /** The part before the language model as the name asks for it. */
    private static Blip2Config blip2(Golden golden, String name, Blip2Config blip2) {
        VisionEncoderConfig vision = blip2.vision();
        if (name.contains("clip_L")) {
            var clip = Golden.at(GoldenCases.sibling(golden.folder(), "a_clip_vit"))
                    .json("config.json");
            vision = new ClipVitConfig(
                    vision.imageSize(),
                    clip.get("patch_size").asInt(),
                    clip.get("width").asInt(),
                    clip.get("layers").asInt(),
                    clip.get("heads").asInt());
        }
        var q = blip2.qformer();
        var qformer = new QFormerConfig(
                q.numQueries(),
                q.hiddenSize(),
                q.numLayers(),
                q.numHeads(),
                q.intermediateSize(),
                q.crossAttentionFreq(),
                vision.numFeatures(),
                q.vocabSize(),
                q.maxPositions(),
                q.layerNormEps(),
                q.dropout());
        return new Blip2Config(
                vision,
                blip2.lnVisionEps(),
                qformer,
                blip2.maxTxtLen(),
                name.contains("freeze_vit"),
                false,
                blip2.vitPrecision());
    }
}
