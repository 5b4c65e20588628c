package io.lavis4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every way in which Sherlock is trained on, chosen by settings alone. */
class SherlockModesIT {

    private static final String DATA = "datasets.sherlock_caption.";

    @TempDir
    private Path folder = Path.of("");

    private final StringWriter err = new StringWriter();

    /** Trains two steps and validates; the directory of the run. */
    private Path train(String... options) {
        var out = new StringWriter();
        var arguments = new ArrayList<>(List.of(
                "train",
                "--cfg-path",
                "finetune/caption_sherlock_mini.yaml",
                "--options",
                "run.device=cpu",
                "data_root=" + LeaderboardFiles.ROOT.toAbsolutePath(),
                "run.max_steps=2",
                "run.num_beams=1",
                "run.output_dir=" + folder.resolve("runs")));
        arguments.addAll(List.of(options));
        assertThat(Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments.toArray(String[]::new)))
                .as(err.toString())
                .isZero();
        return Path.of(out.toString().strip());
    }

    private static JsonNode lastLine(Path file) throws IOException {
        var lines = Files.readAllLines(file);
        return new ObjectMapper().readTree(lines.get(lines.size() - 1));
    }

    private static int count(Path results) throws IOException {
        return new ObjectMapper().readTree(results.toFile()).size();
    }

    @ParameterizedTest
    @CsvSource({
        "blip2_opt, blip_caption, inference, highlight, Inference:",
        "blip2_opt, blip_caption, clue_inference, hide, Clue:",
        "blip2_opt, blip_caption, inference_given_clue, blackout, Clue:",
        "blip2_t5, blip_instruction, inference, none, Inference:",
        "blip2_t5, blip_instruction, clue_inference, highlight, Clue:",
        "blip2_t5, blip_instruction, inference_given_clue, hide, ''",
        "blip2_t5_instruct, blip_instruction, inference_given_clue, highlight, ''",
        "blip2_vicuna_instruct, blip_instruction, inference_given_clue, blackout, ''"
    })
    void mappersAndRegionModesGoWithEveryFamily(String arch, String text, String mapper, String regions, String prompt)
            throws IOException {
        var run = train(
                "model.arch=" + arch,
                "model.prompt=\"%s\"".formatted(prompt),
                DATA + "text_processor.train.name=" + text,
                DATA
                        + "text_processor.train.prompt=\"%s\""
                                .formatted(text.equals("blip_caption") ? prompt + " " : prompt),
                DATA + (text.equals("blip_caption") ? "data_type=images" : "text_processor.train.task=eval"),
                DATA + "mapper=" + mapper,
                DATA + "region_mode=" + regions,
                DATA + "confidence_weights=[1,2,3]",
                DATA + "split_idx=[1]",
                "run.accum_normalization=tokens");
        assertThat(lastLine(run.resolve("log.txt")).get("val_loss").asDouble()).isPositive();
        assertThat(count(run.resolve("result/val_epoch0.json")))
                .as("of split 1")
                .isEqualTo(4);
    }

    @Test
    void clueAndInferenceAreScoredApart() throws IOException {
        var run = train(
                "model.prompt=Clue:",
                DATA + "text_processor.train.prompt=\"Clue: \"",
                DATA + "mapper=clue_inference",
                "run.text_parts=[Clue, Inference]");
        var scores = lastLine(run.resolve("log.txt"));
        assertThat(scores.get("val_Bleu_4").isNumber()).isTrue();
        assertThat(scores.get("val_Bleu_4[clue]").isNumber()).isTrue();
        assertThat(scores.has("val_Bleu_4[inference]")).as("it is Bleu_4").isFalse();
        var mapper = new ObjectMapper();
        var inferences =
                mapper.readTree(run.resolve("result/val_epoch0_gt.json").toFile());
        var clues =
                mapper.readTree(run.resolve("result/clue/val_epoch0_gt.json").toFile());
        assertThat(inferences.at("/annotations/0/caption").asText())
                .isEqualTo("someone who likes red is enjoying the wind");
        assertThat(clues.at("/annotations/0/caption").asText()).isEqualTo("a red kite on the grass");
        assertThat(count(run.resolve("result/val_epoch0.json"))).isEqualTo(16);
        assertThat(count(run.resolve("result/clue/val_epoch0.json"))).isEqualTo(16);
    }
}
