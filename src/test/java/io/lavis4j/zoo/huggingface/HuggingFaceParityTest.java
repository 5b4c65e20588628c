package io.lavis4j.zoo.huggingface;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.generate.EndTokens;
import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.golden.Golden;
import io.lavis4j.model.BaseModel;
import io.lavis4j.zoo.LoadedModel;
import io.lavis4j.zoo.ModelLoader;
import io.lavis4j.zoo.WeightFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class HuggingFaceParityTest {

    private static final double ATOL = 1e-4;

    @TempDir
    Path root;

    @TestFactory
    Stream<DynamicTest> equalsTheReference() {
        return Stream.of("f_hf_blip2_opt", "f_hf_blip2_opt_v4", "f_hf_instructblip_t5")
                .flatMap(kind -> Golden.tests(kind, t -> {
                    var golden = t.golden();
                    t.addWith(
                            List.of("expected.safetensors"),
                            "forward",
                            () -> run(golden, HuggingFaceParityTest::forward));
                    golden.json("expected.json")
                            .path("generate")
                            .properties()
                            .forEach(variant -> t.add(
                                    "generate " + variant.getKey(),
                                    () -> run(golden, (c, model) -> generate(c, model, variant.getValue()))));
                }));
    }

    private interface Check {
        void of(Golden golden, IdsModel model);
    }

    private void run(Golden golden, Check check) throws IOException {
        var folder = Folders.ofCase(golden, Files.createTempDirectory(root, golden.name()));
        try (var noGrad = new NoGradGuard();
                var loaded = load(golden, folder)) {
            assertThat(loaded.report().missing()).isEmpty();
            assertThat(loaded.report().unexpected()).allMatch(name -> name.endsWith(".attn.k_bias"));
            loaded.model().module().eval();
            try (var model = new IdsModel(loaded.model())) {
                check.of(golden, model);
            }
        }
    }

    private static LoadedModel<? extends BaseModel> load(Golden golden, Path folder) {
        return new ModelLoader(WeightFiles.in(List.of())).load(HuggingFaceFolder.type(folder), golden.device());
    }

    /** Newer versions have a placeholder id for each query in the text, older ones none. */
    private static boolean placeholders(Golden golden) {
        return golden.json("config.json").path("image_token_index").isNumber();
    }

    private static Map<String, Tensor> inputs(Golden golden) {
        return golden.tensors("expected.safetensors");
    }

    private static void forward(Golden golden, IdsModel model) {
        var in = inputs(golden);
        if (in.containsKey("vision_last_hidden")) {
            Golden.assertClose(
                    "vision_last_hidden", model.imageEmbeds(in), Golden.get(in, "vision_last_hidden"), 5e-5, 0);
        }
        var logits = model.logits(in, placeholders(golden));
        Golden.assertClose("logits", logits, Golden.get(in, "logits"), ATOL, 0);

        var labels = Golden.get(in, "labels");
        long T = labels.size(1);
        boolean shifted = labels.size(1) == Golden.get(in, "input_ids").size(1); // decoder-only: of the next word
        var targets = (shifted ? labels.narrow(1, 1, T - 1) : labels).reshape(-1);
        var scores = (shifted ? logits.narrow(1, 0, T - 1) : logits).reshape(-1, logits.size(2));
        Golden.assertClose("loss", torch.cross_entropy_loss(scores, targets), Golden.get(in, "loss"), 0, 1e-5);
    }

    private static void generate(Golden golden, IdsModel model, JsonNode variant) {
        var text = golden.json("config.json").path("text_config");
        boolean t5 = text.path("model_type").asText("opt").equals("t5");
        boolean placeholders = placeholders(golden);
        var in = inputs(golden);
        var kwargs = variant.get("kwargs");
        var config = GenerationConfig.lavis()
                .withNumBeams(kwargs.path("num_beams").asInt(1))
                .withLengthPenalty(kwargs.path("length_penalty").asDouble(1))
                .withMinLength(kwargs.path("min_new_tokens").asInt(0))
                .withMaxLength(kwargs.get("max_new_tokens").asInt());
        var end = new EndTokens(
                variant.path("eos_token_id").asLong(text.path("eos_token_id").asLong(1)),
                text.path("pad_token_id").asLong(1));
        long[][] found = model.tokens(in, placeholders, config, end);
        var rows = variant.get("token_ids");
        int before = t5 || !placeholders ? 1 : (int) Golden.get(in, "input_ids").size(1);
        for (int i = 0; i < found.length; i++) {
            long[] expected = longs(rows.get(i));
            assertThat(found[i]).as("row " + i).isEqualTo(Arrays.copyOfRange(expected, before, expected.length));
        }
    }

    private static long[] longs(JsonNode row) {
        long[] ids = new long[row.size()];
        Arrays.setAll(ids, i -> row.get(i).asLong());
        return ids;
    }
}
