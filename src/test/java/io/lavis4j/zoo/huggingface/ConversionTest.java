package io.lavis4j.zoo.huggingface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.checkpoint.SafeTensors;
import io.lavis4j.golden.Golden;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.zoo.ModelLoader;
import io.lavis4j.zoo.ModelType;
import io.lavis4j.zoo.ModelZoo;
import io.lavis4j.zoo.WeightFiles;
import io.lavis4j.zoo.huggingface.Conversion.Place;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConversionTest {

    private static final WeightFiles WEIGHTS = WeightFiles.in(List.of());
    private static final String WORDS = "opt_model.model.decoder.embed_tokens.weight";

    @TempDir
    private Path root = Path.of("");

    private static ModelType<Blip2Opt> small() {
        return ModelZoo.BLIP2_OPT.type("small");
    }

    /** What a run saves of the small model, some of it in fp16, and what Hugging Face's class has no place for. */
    private static Map<String, Tensor> trained() {
        try (var loaded = new ModelLoader(WEIGHTS).load(small(), Devices.cpu())) {
            var state = new LinkedHashMap<String, Tensor>();
            loaded.model().trainableStateDict().forEach((name, tensor) -> {
                boolean half = name.startsWith("visual_encoder.") && name.endsWith(".mlp.fc1.weight");
                state.put(name, torch.clone(half ? tensor.to(ScalarType.Half) : tensor));
            });
            state.put("visual_encoder.blocks.39.attn.q_bias", torch.randn(64)); // of no block that the model has
            state.put("temp", torch.full(new long[0], Tensors.scalar(0.05)));
            state.put("Qformer.cls.predictions.bias", torch.randn(5));
            return state;
        }
    }

    private Path checkpoint(Map<String, Tensor> state) {
        var file = root.resolve("model.pth");
        Checkpoints.write(file, Map.of("model", state, "epoch", 3));
        return file;
    }

    private Path folder() {
        return root.resolve("folder");
    }

    private ConversionReport toFolder(Path checkpoint) {
        return Conversion.toFolder(checkpoint, Place.OF_CHECKPOINT, small(), WEIGHTS, folder());
    }

    private Map<String, Tensor> thereAndBack(Map<String, Tensor> state) {
        toFolder(checkpoint(state));
        var back = root.resolve("back.pth");
        Conversion.toCheckpoint(folder(), back);
        return Checkpoints.stateDict(back);
    }

    private static void assertSame(Map<String, Tensor> found, Map<String, Tensor> expected) {
        assertThat(List.copyOf(found.keySet())).isEqualTo(List.copyOf(expected.keySet()));
        expected.forEach((name, tensor) -> {
            var other = Golden.get(found, name);
            assertThat(Tensors.dtype(other)).as(name).isEqualTo(Tensors.dtype(tensor));
            assertThat(other.equal(tensor)).as(name).isTrue();
        });
    }

    @Test
    void everyTensorComesBackAsItWas() {
        try (var scope = new PointerScope()) {
            var state = trained();
            assertThat(state.keySet()).contains("Qformer.bert.embeddings.position_ids", "visual_encoder.pos_embed");
            assertSame(thereAndBack(state), state);
        }
    }

    @Test
    void aLongerWordTableComesBackAsShortAsItWasAndATiedHeadUnderItsName() {
        try (var scope = new PointerScope()) {
            var state = trained();
            var words = Golden.get(
                    Checkpoints.stateDict(WEIGHTS.model("lavis4j/opt-small")), "model.decoder.embed_tokens.weight");
            state.put(WORDS, words.mul(Tensors.scalar(2)));
            state.put("opt_model.lm_head.weight", words.mul(Tensors.scalar(2)));
            assertSame(thereAndBack(state), state);
        }
    }

    @Test
    void theReportHasEveryNameOnceByItsRule() {
        try (var scope = new PointerScope()) {
            var state = trained();
            var report = toFolder(checkpoint(state));
            var names = report.names();
            assertThat(names.get("kept in lavis.safetensors"))
                    .containsExactlyInAnyOrder(
                            "temp",
                            "visual_encoder.blocks.39.attn.q_bias",
                            "Qformer.cls.predictions.bias",
                            "Qformer.bert.embeddings.position_ids");
            assertThat(names.get("renamed ln_vision.* to vision_model.post_layernorm.*"))
                    .containsExactly("ln_vision.weight", "ln_vision.bias");
            assertThat(names.get("joined to vision_model.encoder.layers.#.self_attn.qkv.bias"))
                    .hasSize(4);
            assertThat(names.keySet()).anyMatch(rule -> rule.startsWith("taken from ") && rule.contains("opt-small"));
            assertThat(report.toString()).contains("    4 kept in lavis.safetensors: ");
            assertThat(names.entrySet().stream()
                            .filter(entry -> !entry.getKey().matches("(taken|lengthened) from .*"))
                            .flatMap(entry -> entry.getValue().stream()))
                    .containsAll(state.keySet())
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void aFolderOfAnotherMakerLeavesItsLanguageModelOut() {
        SmallModels.T5.save(folder());
        var back = root.resolve("back.pth");
        var report = Conversion.toCheckpoint(folder(), back);
        try (var scope = new PointerScope()) {
            assertThat(Checkpoints.stateDict(back).keySet())
                    .contains("query_tokens", "t5_proj.weight", "visual_encoder.blocks.0.attn.q_bias")
                    .noneMatch(name -> name.startsWith("t5_model."));
            assertThat(report.names().get("left out, as the checkpoint leaves them to other files"))
                    .contains("t5_model.shared.weight");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFolderThatLacksAPartIsNotTakenForAWholeModel(SmallModels small) {
        small.save(folder());
        var back = root.resolve("back.pth");
        try (var scope = new PointerScope()) {
            var weights = new LinkedHashMap<>(Checkpoints.stateDict(folder()));
            weights.keySet().removeIf(name -> name.startsWith("qformer.encoder."));
            SafeTensors.write(folder().resolve("model.safetensors"), weights, Map.of());
        }
        assertThatThrownBy(() -> Conversion.toCheckpoint(folder(), back))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected the weights of a whole")
                .hasMessageContaining("qformer.encoder.* are not there");
        assertThat(back).doesNotExist();
    }

    @ParameterizedTest
    @EnumSource
    void aWholeFolderOfEachClassBecomesACheckpoint(SmallModels small) {
        small.save(folder());
        var back = root.resolve("back.pth");
        Conversion.toCheckpoint(folder(), back);
        assertThat(back).exists();
    }

    @Test
    void quantizedWeightsAreNotTakenForTrainedOnes() throws IOException {
        SmallModels.OPT.save(folder());
        var config = folder().resolve("config.json");
        String text = Files.readString(config);
        Files.writeString(config, text.replaceFirst("\\{", "{\"quantization_config\":{\"load_in_8bit\":true},"));
        var back = root.resolve("back.pth");
        assertThatThrownBy(() -> Conversion.toCheckpoint(folder(), back))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("quantization_config is {\"load_in_8bit\":true}, expected none");
        assertThat(back).doesNotExist();
    }

    @Test
    void theConvertedFolderIsTheModel() {
        try (var scope = new PointerScope()) {
            var state = trained();
            toFolder(checkpoint(state));
            try (var loaded = HuggingFaceFolder.load(folder(), Devices.cpu())) {
                var read = loaded.model().module().stateDict();
                state.forEach((name, tensor) -> {
                    var found = read.get(name);
                    if (found != null) {
                        assertThat(found.equal(tensor.to(Tensors.dtype(found))))
                                .as(name)
                                .isTrue();
                    }
                });
            }
        }
    }

    @Test
    void whatIsMissingIsNamedWithTheFileThatHasIt() throws IOException {
        try (var scope = new PointerScope()) {
            var state = trained();
            state.remove("query_tokens");
            assertThatThrownBy(() -> toFolder(checkpoint(state)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("model.pth nor a file of its type has query_tokens");

            Folders.tokenizer("bert", root.resolve("bert-base-uncased"));
            var type = ModelZoo.BLIP2_IMAGE_TEXT_MATCHING.type("pretrain");
            var weights = WeightFiles.in(List.of(root));
            var head = checkpoint(Map.of("itm_head.bias", torch.zeros(2)));
            assertThatThrownBy(() -> Conversion.toFolder(head, Place.OF_CHECKPOINT, type, weights, folder()))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("model.pth lacks ")
                    .hasMessageContaining("not found; looked at:");

            assertThatThrownBy(() -> toFolder(checkpoint(Map.of("a", torch.zeros(1)))))
                    .hasMessageContaining("holds nothing of a Blip2Opt: it has a");
            assertThatThrownBy(() -> toFolder(checkpoint(Map.of("query_tokens", torch.zeros(1, 2, 3)))))
                    .hasMessageContaining("query_tokens: expected (1, ");
        }
        assertThat(folder()).doesNotExist();
    }

    @Test
    void nothingThatIsThereIsReplacedAndAFailureLeavesNothing() throws IOException {
        try (var scope = new PointerScope()) {
            var file = checkpoint(trained());
            Files.createDirectory(folder());
            assertThatThrownBy(() -> toFolder(file)).hasMessageContaining("folder is there already");
            assertThatThrownBy(() -> Conversion.toCheckpoint(folder(), file))
                    .hasMessageContaining("model.pth is there already");

            var target = root.resolve("failing");
            var broken =
                    new SourceTokenizers(SmallModels.INSTRUCT_T5.tokenizers().first(), root.resolve("no_tokenizer"));
            try (var model = SmallModels.INSTRUCT_T5.make()) {
                var export = new Export<>(model, model.module().stateDict(), List.of(), new ConversionReport());
                assertThatThrownBy(() -> export.write(target, broken)).isInstanceOf(UncheckedIOException.class);
            }
        }
        try (var left = Files.list(root)) {
            assertThat(left.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("model.pth", "folder");
        }
    }

    @Test
    void aLoadedModelIsSavedWithTheTokenizerOfItsType() {
        try (var loaded = new ModelLoader(WEIGHTS).load(small(), Devices.cpu())) {
            HuggingFaceFolder.save(folder(), loaded.model(), small(), WEIGHTS);
            try (var again = HuggingFaceFolder.load(folder(), Devices.cpu())) {
                var expected = Golden.get(loaded.model().module().stateDict(), "opt_proj.weight");
                var found = Golden.get(again.model().module().stateDict(), "opt_proj.weight");
                assertThat(found.equal(expected)).isTrue();
                assertThat(again.loaded().report().unexpected()).isEmpty();
                assertThat(again.loaded().report().missing()).isEmpty();
            }
        }
    }

    @Test
    void whatHuggingFacesClassesLackIsRefused() {
        try (var clip = SmallModels.withClip();
                var images = SmallModels.withoutInstructions()) {
            assertThatThrownBy(() -> ConfigJson.of(clip))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("vit_model is a ClipVit, expected eva_clip_g or another EVA ViT");
            assertThatThrownBy(() -> ConfigJson.of(images))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("qformer_text_input is False, expected True");
        }
    }

    @Test
    void largeWeightsAreInShards() {
        try (var scope = new PointerScope();
                var model = SmallModels.OPT.make()) {
            var weights = new LinkedHashMap<String, Tensor>();
            for (int i = 0; i < 5; i++) {
                weights.put("t" + i, torch.full(new long[] {1000}, Tensors.scalar((double) i)));
            }
            var kind = ModelClass.of(model);
            var config = ConfigJson.of((Blip2Opt) model);
            var content = new FolderWriter.Content(config, weights, new LavisTensors(Map.of(), List.of(), 0));
            var tokenizers = SmallModels.OPT.tokenizers();
            try (var tokenizer = kind.tokenizer().apply(tokenizers.first())) {
                new FolderWriter(kind, content, tokenizers, 8500).write(folder(), tokenizer);
            }
            assertThat(folder().resolve("model-00003-of-00003.safetensors")).exists();
            assertThat(folder().resolve("model.safetensors")).doesNotExist();
            assertSame(Checkpoints.stateDict(folder()), weights);
        }
    }
}
