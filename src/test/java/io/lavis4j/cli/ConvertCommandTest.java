package io.lavis4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.golden.Golden;
import io.lavis4j.tensor.Devices;
import io.lavis4j.zoo.ModelLoader;
import io.lavis4j.zoo.ModelZoo;
import io.lavis4j.zoo.WeightFiles;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConvertCommandTest {

    private static final String MINI = "finetune/caption_sherlock_mini.yaml";

    @TempDir
    private Path root = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Path checkpoint = Path.of("");

    @BeforeEach
    void write() {
        checkpoint = root.resolve("checkpoint_best.pth");
        try (var scope = new PointerScope();
                var loaded = new ModelLoader(WeightFiles.in(List.of()))
                        .load(ModelZoo.BLIP2_OPT.type("small"), Devices.cpu())) {
            Checkpoints.write(checkpoint, Map.of("model", loaded.model().trainableStateDict()));
        }
    }

    private int convert(Object... arguments) {
        var texts = Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new);
        var all = new String[texts.length + 1];
        all[0] = "convert";
        System.arraycopy(texts, 0, all, 1, texts.length);
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), all);
    }

    @Test
    void aCheckpointBecomesAFolderAndAgainACheckpoint() {
        var folder = root.resolve("folder");
        assertThat(convert(checkpoint, folder, "--arch", "blip2_opt", "--model-type", "small"))
                .as(err.toString())
                .isZero();
        assertThat(folder).isDirectoryContaining("glob:**/config.json");
        assertThat(out.toString()).contains("kept in lavis.safetensors", "taken from ");
        var back = root.resolve("back.pth");
        assertThat(convert(folder, back)).as(err.toString()).isZero();
        try (var scope = new PointerScope()) {
            assertThat(Checkpoints.stateDict(back).keySet())
                    .isEqualTo(Checkpoints.stateDict(checkpoint).keySet());
        }
    }

    @Test
    void aRunsConfigurationNamesTheOtherParts() {
        var folder = root.resolve("folder");
        assertThat(convert(checkpoint, folder, "--cfg-path", MINI, "--options", "data_root=nowhere"))
                .as(err.toString())
                .isZero();
        assertThat(folder).isDirectoryContaining("glob:**/model.safetensors");
    }

    @Test
    void positionsAreResizedWhereTheConfigurationAsksForIt() {
        var folder = root.resolve("folder");
        String[] smaller = {"model.image_size=56", "model.interpolate_pos_embed=True"};
        assertThat(convert(checkpoint, folder, "--cfg-path", MINI, "--options", smaller[0], smaller[1]))
                .as(err.toString())
                .isZero();
        try (var scope = new PointerScope()) {
            var positions = Golden.get(Checkpoints.stateDict(folder), "vision_model.embeddings.position_embedding");
            assertThat(positions.shape()).containsExactly(1, 17, 64);
        }
    }

    @Test
    void aRunOfAnotherModelIsRefusedAlsoWhereFilesHaveWhatItLacks() {
        var folder = root.resolve("folder");
        var other = root.resolve("other.pth");
        try (var scope = new PointerScope()) {
            var state = new LinkedHashMap<>(Checkpoints.stateDict(checkpoint));
            state.put("t5_proj.bias", Objects.requireNonNull(state.remove("opt_proj.bias")));
            Checkpoints.write(other, Map.of("model", state));
        }
        assertThat(convert(
                        other,
                        folder,
                        "--cfg-path",
                        MINI,
                        "--options",
                        "model.load_finetuned=True",
                        "model.finetuned=" + checkpoint))
                .isEqualTo(1);
        assertThat(err.toString())
                .contains("other.pth does not fit this model", "[opt_proj.bias]", "1 unexpected [t5_proj.bias]");
        assertThat(folder).doesNotExist();
    }

    @Test
    void whatIsWrongIsSaidWithoutAnythingWritten() {
        var folder = root.resolve("folder");
        assertThat(convert(checkpoint, folder)).isEqualTo(2);
        assertThat(err.toString()).contains("expected the model that it is of: --arch and --model-type, or --cfg-path");
        assertThat(convert(root.resolve("none.pth"), folder)).isEqualTo(2);
        assertThat(err.toString()).contains("none.pth: there is no such file or folder");
        assertThat(convert(checkpoint, folder, "--arch", "blip2_opt")).isEqualTo(2);
        assertThat(err.toString()).contains("--model-type");
        assertThat(convert(checkpoint, folder, "--arch", "blip2_opt", "--model-type", "small", "--options", "a=b"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--options: expected with --cfg-path only");
        assertThat(convert(root, folder, "--arch", "blip2_opt", "--model-type", "small"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("is a folder, whose config.json says what model it is");
        assertThat(convert(checkpoint, checkpoint, "--arch", "blip2_opt", "--model-type", "small"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("checkpoint_best.pth is there already; name a file or folder that is new");
        assertThat(convert(checkpoint, folder.resolve("sub"), "--arch", "blip2_opt", "--model-type", "small"))
                .isEqualTo(2);
        assertThat(err.toString()).contains(folder + " is not a folder; make that first");
        assertThat(convert(checkpoint, folder, "--arch", "blip2_op", "--model-type", "small"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--arch: \"blip2_op\" is not a known architecture");
        assertThat(folder).doesNotExist();
        assertThat(out.toString()).isEmpty();
    }
}
