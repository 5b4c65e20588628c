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

/** From training to the leaderboard's numbers, by commands alone. */
class SherlockRunIT {

    @TempDir
    private Path folder = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private void run(String... arguments) {
        out.getBuffer().setLength(0);
        assertThat(Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments))
                .as(err.toString())
                .isZero();
    }

    private String submission(String name, String... model) throws IOException {
        var to = Files.createDirectories(folder.resolve(name));
        var arguments = new ArrayList<>(List.of(
                "sherlock", "submit", "--instances", folder.resolve("set").toString(), "--output", to.toString()));
        arguments.addAll(List.of(model));
        run(arguments.toArray(String[]::new));
        return to.resolve("test_set_predictions.zip").toString();
    }

    @Test
    void aRunsBestCheckpointMakesTheSubmission() throws IOException {
        LeaderboardFiles.write(folder.resolve("set"));
        run(
                "train",
                "--cfg-path",
                "finetune/caption_sherlock_mini.yaml",
                "--options",
                "run.device=cpu",
                "data_root=" + LeaderboardFiles.ROOT.toAbsolutePath(),
                "run.max_epoch=1",
                "run.num_beams=1",
                "run.output_dir=" + folder.resolve("runs"));
        String runs = folder.resolve("runs").toString();
        String trained = submission("a", "--run", runs);
        String again = submission("b", "--run", runs, "--batch-size", "3");
        String untrained = submission(
                "c",
                "--cfg-path",
                "finetune/caption_sherlock_mini.yaml",
                "--options",
                "run.device=cpu",
                "data_root=" + LeaderboardFiles.ROOT);
        run(
                "sherlock",
                "validate",
                trained,
                "--instances",
                folder.resolve("set").toString());
        assertThat(scores(again)).isEqualTo(scores(trained));
        assertThat(Files.readAllBytes(Path.of(untrained))).isNotEqualTo(Files.readAllBytes(Path.of(trained)));
    }

    private JsonNode scores(String zip) throws IOException {
        run("sherlock", "score", "--answer-key", folder.resolve("set").toString(), "--predictions", zip, "--json");
        return new ObjectMapper().readTree(out.toString());
    }
}
