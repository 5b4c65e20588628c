package io.lavis4j.zoo;

import static io.lavis4j.fixture.Mappings.isMapped;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.golden.Golden;
import io.lavis4j.model.Texts;
import io.lavis4j.model.blip2.Blip2Case;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.model.evavit.EvaVitConfig;
import io.lavis4j.model.evavit.EvaVitWeights;
import io.lavis4j.model.opt.OptWeights;
import io.lavis4j.model.qformer.QFormerWeights;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Blip2OptLoaderTest {

    @TempDir
    Path temp;

    private PointerScope scope;
    private TinyFiles files;

    @BeforeEach
    void writeFiles() {
        scope = new PointerScope();
        files = TinyFiles.in(temp).writeAll();
        RandomState.seed(0);
    }

    @AfterEach
    void freeTensors() {
        scope.close();
    }

    private void assertEqualsTheCase(LoadedModel<Blip2Opt> loaded) {
        files.all()
                .forEach((name, value) ->
                        Golden.assertClose(name, Golden.get(loaded.model().stateDict(), name), value, 0, 0));
    }

    @Test
    void aModelFromItsFilesHasTheReferencesLoss() {
        try (var loaded = files.load()) {
            loaded.model().eval();
            var image = Golden.get(files.golden().tensors("inputs.safetensors"), "image");
            var variant = files.expected().get("forward").get(0);
            double expected = variant.get("loss").asDouble();
            assertThat(loaded.model()
                            .forward(image, Texts.of(Blip2Case.strings(variant.get("text_input"))))
                            .total()
                            .item_double())
                    .isCloseTo(expected, Offset.offset(1e-5 * expected));
        }
    }

    @Test
    void theReportSaysWhatEachFileGave() {
        try (var loaded = files.load()) {
            assertEqualsTheCase(loaded);
            var report = loaded.report();
            assertThat(report.steps())
                    .extracting(LoadingReport.Step::part)
                    .containsExactly("vision encoder", "Q-Former", "language model", "BLIP-2 checkpoint");
            assertThat(report.loaded())
                    .containsExactlyInAnyOrderElementsOf(
                            loaded.model().stateDict().keySet());
            assertThat(report.missing()).isEmpty();
            assertThat(report.missingByDesign())
                    .contains("visual_encoder.pos_embed", "opt_model.lm_head.weight")
                    .allMatch(name -> name.startsWith("visual_encoder.") || name.startsWith("opt_model."));
            assertThat(report.unexpected())
                    .containsExactly("visual_encoder.blocks.3.norm1.weight", "visual_encoder.head.weight");
            assertThat(report.toString()).startsWith("4 files: ").doesNotContain("initialised");
            assertThat(report.steps().get(1).toString())
                    .startsWith("Q-Former from " + temp.resolve("bert-base-uncased") + ": ")
                    .doesNotContain("missing");
        }
    }

    @Test
    void withoutACheckpointNewPartsAreInitialisedAndTheRestComesFromFiles() {
        try (var loaded = files.load(files.config(), TinyFiles.NO_CHECKPOINT)) {
            var model = loaded.model();
            assertThat(model.unsetParameters()).isEmpty();
            assertThat(loaded.report().missing())
                    .contains("query_tokens", "ln_vision.weight", "opt_proj.weight", "opt_proj.bias")
                    .allMatch(name -> !name.startsWith("Qformer.") || QFormerWeights.isNew(name));
            assertThat(loaded.report().toString()).endsWith("; the missing are initialised");
            assertThat(std(model.namedParameters(), "query_tokens")).isCloseTo(0.02, Offset.offset(0.004));
            assertThat(std(model.namedParameters(), "Qformer.bert.encoder.layer.0.crossattention.self.key.weight"))
                    .isCloseTo(0.02, Offset.offset(0.004));
            double bound = 1 / Math.sqrt(files.config().blip2().qformer().hiddenSize());
            assertThat(largest(Golden.get(model.namedParameters(), "opt_proj.weight")))
                    .isBetween(0.9 * bound, bound);
            var fromFiles = files.all();
            fromFiles.keySet().removeAll(loaded.report().missing());
            assertThat(fromFiles).hasSizeGreaterThan(80);
            fromFiles.forEach(
                    (name, value) -> Golden.assertClose(name, Golden.get(model.stateDict(), name), value, 0, 0));
        }
    }

    private static double std(Map<String, Tensor> parameters, String name) {
        return Golden.get(parameters, name).detach().std(true).item_double();
    }

    private static double largest(Tensor tensor) {
        return tensor.detach().abs().max().item_double();
    }

    @Test
    void backbonesPositionsAreResizedToTheImageSize() {
        var larger = files.config(70, true, Precision.FP32);
        try (var loaded = files.load(larger, TinyFiles.NAMES)) {
            Golden.assertClose(
                    "pos_embed",
                    Golden.get(loaded.model().stateDict(), "visual_encoder.pos_embed"),
                    Golden.get(
                            EvaVitWeights.fit(files.under("visual_encoder."), (EvaVitConfig)
                                    larger.blip2().vision()),
                            "pos_embed"),
                    0,
                    0);
        }
    }

    @Test
    void bertMayBeAbsentWhenTheCheckpointHasTheWholeQFormer() throws IOException {
        Files.delete(temp.resolve("bert-base-uncased/pytorch_model.bin"));
        try (var loaded = files.load()) {
            assertEqualsTheCase(loaded);
            assertThat(loaded.report().steps()).hasSize(3);
        }
    }

    @Test
    void aStageOneCheckpointLeavesTheProjectionToInitialisation() {
        var state = files.trained();
        state.keySet().removeIf(name -> name.startsWith("opt_proj."));
        state.put("Qformer.cls.predictions.bias", TinyFiles.zeros(30523));
        state.put("temp", TinyFiles.zeros());
        files.checkpoint(state);
        try (var loaded = files.load()) {
            assertThat(loaded.report().missing()).containsExactly("opt_proj.weight", "opt_proj.bias");
            assertThat(loaded.report().unexpected()).contains("temp", "Qformer.cls.predictions.bias");
            state.keySet().removeAll(loaded.report().unexpected());
            state.forEach((name, value) ->
                    Golden.assertClose(name, Golden.get(loaded.model().stateDict(), name), value, 0, 0));
        }
    }

    @Test
    void aTrainedVisionEncoderMayBeMissingFromACheckpointThatWasSavedFrozen() {
        var trainVit = files.config(42, false, Precision.FP32);
        try (var loaded = files.load(trainVit, TinyFiles.NAMES)) {
            assertEqualsTheCase(loaded);
            var checkpoint = loaded.report().steps().get(3).report();
            assertThat(checkpoint.missing()).isEmpty();
            assertThat(checkpoint.missingFrozen()).contains("visual_encoder.cls_token");
        }
        var state = files.all();
        state.remove("visual_encoder.cls_token");
        files.checkpoint(state);
        try (var loaded = files.load(trainVit, TinyFiles.NAMES)) {
            assertThat(loaded.report().steps().get(3).report().missing()).containsExactly("visual_encoder.cls_token");
            assertThat(loaded.report().missing()).isEmpty();
        }
    }

    @Test
    void theCheckpointsVisionEncoderComesLast() {
        var state = files.all();
        state.put("visual_encoder.cls_token", TinyFiles.zeros(1, 1, 40));
        files.checkpoint(state);
        for (boolean freezeVit : new boolean[] {true, false}) {
            try (var loaded = files.load(files.config(42, freezeVit, Precision.FP32), TinyFiles.NAMES)) {
                assertThat(Tensors.floats(Golden.get(loaded.model().stateDict(), "visual_encoder.cls_token")))
                        .containsOnly(0);
            }
        }
    }

    @Test
    void halfPrecisionFilesBecomeTheConfiguredPrecision() {
        files.vision(TinyFiles.half(files.under("visual_encoder.")));
        files.opt(TinyFiles.half(files.under("opt_model.")));
        for (var precision : List.of(Precision.FP32, Precision.FP16)) { // the CPU stores fp16 as fp32
            try (var loaded = files.load(files.config(42, true, precision), TinyFiles.NAMES)) {
                var state = loaded.model().stateDict();
                assertThat(Tensors.dtype(Golden.get(state, "opt_model.lm_head.weight")))
                        .isEqualTo(ScalarType.Float);
                var expected = TinyFiles.half(files.all());
                expected.putAll(files.trained());
                expected.forEach((name, value) -> Golden.assertClose(name, Golden.get(state, name), value, 0, 0));
            }
        }
        try (var loaded = files.load(files.config(42, true, Precision.BF16), TinyFiles.NAMES)) {
            var state = loaded.model().stateDict();
            assertThat(Tensors.dtype(Golden.get(state, "opt_model.lm_head.weight")))
                    .isEqualTo(ScalarType.BFloat16);
            assertThat(Tensors.dtype(Golden.get(state, "visual_encoder.blocks.0.attn.qkv.weight")))
                    .isEqualTo(ScalarType.BFloat16);
            assertThat(Tensors.dtype(Golden.get(state, "visual_encoder.blocks.0.attn.q_bias")))
                    .isEqualTo(ScalarType.Float);
        }
    }

    @Test
    void frozenTensorsStayInTheMappedFileAndTrainedOnesAreCopied() throws IOException {
        try (var loaded = files.load()) {
            var state = loaded.model().stateDict();
            var opt = temp.resolve("opt-tiny/model.safetensors");
            assertThat(isMapped(Golden.get(state, "opt_model.lm_head.weight"), opt))
                    .isTrue();
            assertThat(isMapped(Golden.get(state, "opt_model.model.decoder.layers.1.fc1.bias"), opt))
                    .isTrue();
            assertThat(isMapped(
                            Golden.get(state, "visual_encoder.blocks.0.mlp.fc1.weight"), temp.resolve("eva_vit_g.pth")))
                    .isTrue();
            assertThat(isMapped(Golden.get(state, "opt_proj.weight"), temp.resolve("tiny.pth")))
                    .isFalse();
            assertThat(Golden.get(state, "opt_model.lm_head.weight").data_ptr().address())
                    .isEqualTo(Golden.get(state, "opt_model.model.decoder.embed_tokens.weight")
                            .data_ptr()
                            .address());
        }
    }

    @Test
    void withoutGradientsTrainedTensorsStayInTheFileTooAndAreNotWrittenToIt() throws IOException {
        var file = temp.resolve("tiny.pth");
        byte[] before = Files.readAllBytes(file);
        try (var noGrad = new NoGradGuard();
                var loaded = files.load()) {
            var weight = Golden.get(loaded.model().stateDict(), "opt_proj.weight");
            assertThat(weight.requires_grad()).isTrue();
            assertThat(isMapped(weight, file)).isTrue();

            weight.fill_(Tensors.scalar(7));

            assertThat(weight.mean().item_double()).isEqualTo(7);
        }
        assertThat(file).hasBinaryContent(before);
    }

    @Test
    void frozenTensorsHaveTheFilesAddresses() {
        try (var loaded = files.load()) {
            var file = OptWeights.fit(Checkpoints.stateDict(temp.resolve("opt-tiny")));
            loaded.model().languageModel().load(file);
            var state = loaded.model().languageModel().stateDict();
            for (String name : List.of("lm_head.weight", "model.decoder.layers.0.self_attn.q_proj.weight")) {
                assertThat(Golden.get(state, name).data_ptr().address())
                        .isEqualTo(Golden.get(file, name).data_ptr().address());
            }
        }
    }

    @Test
    void languageModelsComeInManyFiles() throws IOException {
        var state = files.under("opt_model.");
        var untied = new LinkedHashMap<>(state);
        untied.remove("lm_head.weight");
        Files.delete(temp.resolve("opt-tiny/model.safetensors"));
        for (var opt : List.of(state, untied, TinyFiles.withoutModel(state), TinyFiles.withoutModel(untied))) {
            files.optSharded(opt, "model", "safetensors");
            assertLoadsAndDelete("model.safetensors.index.json");
            files.optSharded(opt, "pytorch_model", "bin");
            assertLoadsAndDelete("pytorch_model.bin.index.json");
            files.write("opt-tiny/pytorch_model.bin", opt);
            assertLoadsAndDelete("pytorch_model.bin");
        }
    }

    private void assertLoadsAndDelete(String file) throws IOException {
        try (var loaded = files.load()) {
            assertEqualsTheCase(loaded);
        }
        Files.delete(temp.resolve("opt-tiny").resolve(file));
    }

    @Test
    void trainedWeightsComeBackAndFrozenOnesAreNotSaved() {
        for (boolean freezeVit : new boolean[] {true, false}) {
            var config = files.config(42, freezeVit, Precision.FP32);
            try (var loaded = files.load(config, TinyFiles.NAMES)) {
                var model = loaded.model();
                model.trainableParameters().values().forEach(p -> p.detach().add_(new Scalar(1)));
                var tree = new LinkedHashMap<String, Object>();
                tree.put("model", model.trainableStateDict());
                tree.put("epoch", 1L);
                var saved = files.write("output/checkpoint_0.pth", tree);

                var names = Checkpoints.stateDict(saved).keySet();
                assertThat(names).noneMatch(name -> name.startsWith("opt_model."));
                assertThat(names.stream().anyMatch(name -> name.startsWith("visual_encoder.")))
                        .isEqualTo(!freezeVit);

                var again = TinyFiles.with(saved.toString());
                try (var reloaded = files.load(config, again)) {
                    assertThat(reloaded.report().missing()).isEmpty();
                    model.stateDict()
                            .forEach((name, value) -> Golden.assertClose(
                                    name, Golden.get(reloaded.model().stateDict(), name), value, 0, 0));
                }
            }
        }
    }

    @Test
    void loadingLeavesNothingBehind() throws IOException {
        long before = 0;
        var wrong = files.write("wrong.pth", Map.of("other", TinyFiles.zeros(1)));
        var names = TinyFiles.with(wrong.toString());
        for (int i = 0; i < 3; i++) {
            before = Pointer.totalCount();
            files.load(files.config(), TinyFiles.NO_CHECKPOINT).close();
            assertThatIllegalArgumentException().isThrownBy(() -> files.load(files.config(), names));
        }
        assertThat(Pointer.totalCount()).isEqualTo(before);
    }
}
