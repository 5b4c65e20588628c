package io.lavis4j.optim;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.golden.Golden;
import io.lavis4j.golden.GoldenCases;
import io.lavis4j.model.VisionEncoderConfig;
import io.lavis4j.model.blip2.Blip2Case;
import io.lavis4j.model.blip2.Blip2Config;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.model.blip2.Blip2OptConfig;
import io.lavis4j.model.clipvit.ClipVitConfig;
import io.lavis4j.model.qformer.QFormerConfig;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class ParameterGroupParityTest {

    @TestFactory
    Stream<DynamicTest> equalsTheReference() {
        return Golden.tests("h_schedules", t -> {
            for (var expected : t.golden().json("expected.json").path("param_groups")) {
                String name = expected.get("model").asText();
                if (name.startsWith("blip2_opt")) {
                    t.add(
                            "%s, layer decay %s".formatted(name, expected.get("lr_layer_decay")),
                            () -> equal(t.golden(), name, expected));
                }
            }
        });
    }

    private static void equal(Golden golden, String name, JsonNode expected) {
        var model = model(golden, name);
        GroupsParity.assertEqual(
                ParameterGroup.of(
                        model,
                        model.visualEncoder(),
                        expected.get("weight_decay").asDouble(),
                        expected.get("lr_layer_decay").asDouble()),
                expected.get("groups"));
    }

    /** The small models of the other cases, by the name in this one: {@code blip2_opt train_vit clip_L}. */
    private static Blip2Opt model(Golden golden, String name) {
        var opt = Golden.at(GoldenCases.sibling(golden.folder(), "c_blip2_opt"));
        var config = Blip2Case.config(opt.json("expected.json"), "");
        VisionEncoderConfig vision = config.blip2().vision();
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
        var q = config.blip2().qformer();
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
        return new Blip2Opt(
                new Blip2OptConfig(
                        new Blip2Config(
                                vision,
                                config.blip2().lnVisionEps(),
                                qformer,
                                config.blip2().maxTxtLen(),
                                name.contains("freeze_vit"),
                                false,
                                config.blip2().vitPrecision()),
                        config.opt(),
                        "",
                        config.precision()),
                Blip2Case.tokenizer(opt),
                golden.device());
    }
}
