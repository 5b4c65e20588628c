package io.lavis4j.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.golden.Golden;
import io.lavis4j.model.VisionEncoderConfig;
import io.lavis4j.model.blip2.Blip2Config;
import io.lavis4j.model.clipvit.ClipVitConfig;
import io.lavis4j.model.evavit.EvaVitConfig;
import io.lavis4j.model.qformer.QFormer;
import io.lavis4j.model.qformer.QFormerConfig;
import io.lavis4j.nn.PositionTable;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Precision;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints whose positions are of another image size. */
class PositionTablesTest {

    private static final String EVA = "visual_encoder.pos_embed";
    private static final String CLIP = "visual_encoder.positional_embedding";
    private static final Path FILE = Path.of("tiny.pth");
    private static final int WIDTH = 16;

    private PointerScope scope;

    @BeforeEach
    void openScope() {
        scope = new PointerScope();
    }

    @AfterEach
    void freeTensors() {
        scope.close();
    }

    private static Map<String, Tensor> resized(VisionEncoderConfig vision, Map<String, Tensor> state) {
        var qformer = new QFormerConfig(4, 8, 1, 2, 16, 2, WIDTH, 32, 16, 1e-12, 0);
        var blip2 = new Blip2Config(vision, 1e-5, qformer, 8, true, false, Precision.FP32);
        try (var model = new ModelShape(blip2, QFormer.Parts.ALL, null, 0).create(Devices.cpu())) {
            return PositionTables.resized(FILE, state, model);
        }
    }

    private static EvaVitConfig eva(int imageSize) {
        return new EvaVitConfig(imageSize, 14, WIDTH, 1, 2, 32, 0, 1e-6);
    }

    @Test
    void evasAreResizedWithoutAlignedCorners() {
        var table = torch.randn(1, 3 * 3 + 1, WIDTH);
        var other = torch.randn(2);
        var resized = resized(eva(70), Map.of(EVA, table, "ln_vision.weight", other));
        var expected = PositionTable.interpolate(table.squeeze(0), 5, false).unsqueeze(0);
        Golden.assertClose(EVA, Golden.get(resized, EVA), expected, 0, 0);
        assertThat(resized.get("ln_vision.weight")).isSameAs(other);
    }

    @Test
    void clipsAreResizedWithAlignedCorners() {
        var table = torch.randn(3 * 3 + 1, WIDTH);
        var resized = resized(new ClipVitConfig(70, 14, WIDTH, 1, 2), Map.of(CLIP, table));
        Golden.assertClose(CLIP, Golden.get(resized, CLIP), PositionTable.interpolate(table, 5, true), 0, 0);
    }

    @Test
    void whatFitsOrIsOfAnotherWidthStays() {
        var fits = torch.randn(1, 5 * 5 + 1, WIDTH);
        assertThat(resized(eva(70), Map.of(EVA, fits)).get(EVA)).isSameAs(fits);
        var wider = torch.randn(1, 3 * 3 + 1, 2 * WIDTH);
        assertThat(resized(eva(70), Map.of(EVA, wider)).get(EVA)).isSameAs(wider);
    }

    @Test
    void onRequestACheckpointForAnotherImageSizeIsLoaded(@TempDir Path temp) {
        var files = TinyFiles.in(temp).writeAll();
        var run = files.checkpoint(files.all());
        var larger = files.config(70, true, Precision.FP32);
        var type = new TinyNames.Type(larger, TinyFiles.NAMES, true);
        var table = Golden.get(files.all(), EVA).squeeze(0);
        var expected = PositionTable.interpolate(table, 5, false).unsqueeze(0);
        try (var loaded = files.loader().load(type, Devices.cpu());
                var overRun = files.loader().load(type, Devices.cpu(), run)) {
            Golden.assertClose(EVA, Golden.get(loaded.model().stateDict(), EVA), expected, 0, 0);
            Golden.assertClose(EVA, Golden.get(overRun.model().stateDict(), EVA), expected, 0, 0);
            String kept = "visual_encoder.blocks.0.norm1.weight";
            Golden.assertClose(kept, Golden.get(loaded.model().stateDict(), kept), Golden.get(files.all(), kept), 0, 0);
        }
    }
}
