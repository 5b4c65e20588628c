package io.lavis4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Images and texts of one's own are learned and said again. */
class OwnImagesIT {

    private static final Pattern COMMAND =
            Pattern.compile("java -jar target/lavis4j\\.jar ((?:train|caption) .*[Cc]aption_folder_small.*)");
    private static final List<String> COLOURS = List.of("red", "blue", "green", "yellow");
    private static final List<Color> SHOWN = List.of(Color.RED, Color.BLUE, Color.GREEN, Color.YELLOW);

    @TempDir
    private Path folder = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private String run(List<String> arguments) {
        out.getBuffer().setLength(0);
        assertThat(Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments.toArray(String[]::new)))
                .as(err.toString())
                .isZero();
        return out.toString();
    }

    /** An image of one colour, the larger for a greater number. */
    private static void draw(Path file, Color colour, int number) throws IOException {
        var image = new BufferedImage(90 + number, 60, BufferedImage.TYPE_INT_RGB);
        var graphics = image.createGraphics();
        graphics.setColor(colour);
        graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
        graphics.dispose();
        Files.createDirectories(file.getParent());
        assertThat(ImageIO.write(image, "png", file.toFile())).isTrue();
    }

    /** The two commands of the README, with what the reader puts in. */
    private List<List<String>> documented(Path images, Path runs) throws IOException {
        var commands = new ArrayList<List<String>>();
        var found = COMMAND.matcher(Files.readString(Path.of("README.md")));
        while (found.find()) {
            commands.add(new ArrayList<>(List.of(found.group(1)
                    .replace("DIR", images.toString())
                    .replace("output/BLIP2/Caption_folder_small", runs.toString())
                    .split(" "))));
        }
        assertThat(commands).extracting(command -> command.get(0)).containsExactly("train", "caption");
        commands.get(0).addAll(List.of("run.output_dir=" + runs, "run.device=cpu"));
        return commands;
    }

    @Test
    void theReadmesTwoCommandsLearnAFolderAndCaptionIt() throws IOException {
        var images = folder.resolve("images");
        var expected = new TreeMap<Path, String>();
        for (int i = 0; i < COLOURS.size(); i++) {
            var image = images.resolve(i % 2 == 0 ? "." : "more")
                    .resolve("image" + i + ".png")
                    .normalize();
            String caption = "someone who likes %s is enjoying the wind".formatted(COLOURS.get(i));
            draw(image, SHOWN.get(i), i);
            Files.writeString(
                    image.resolveSibling("image" + i + ".txt"),
                    "Someone who likes " + COLOURS.get(i) + " is enjoying the wind.\n");
            expected.put(image, caption);
        }
        var commands = documented(images, folder.resolve("runs"));
        run(commands.get(0));
        var lines = expected.entrySet().stream()
                .map(entry -> entry.getKey() + ": " + entry.getValue())
                .toList();
        assertThat(run(commands.get(1)).lines()).containsExactlyInAnyOrderElementsOf(lines);
        commands.get(1).addAll(List.of("--options", "model.load_in_8bit=True"));
        assertThat(run(commands.get(1)).lines()).containsExactlyInAnyOrderElementsOf(lines);
    }

    @ParameterizedTest
    @CsvSource({
        "blip2_t5, {name: blip_question}",
        "blip2_t5_instruct, {name: blip_question}",
        "blip2_t5_instruct, '{name: blip_instruction, task: eval}'"
    })
    void questionsInATableAreAnsweredByAModelThatLearnsAnswers(String arch, String text) throws IOException {
        var table = new StringBuilder("file\tasked\tsaid\n");
        var expected = new LinkedHashMap<String, String>();
        for (int i = 0; i < COLOURS.size(); i++) {
            draw(folder.resolve("images/i" + i + ".png"), SHOWN.get(i), i);
            String likes = "someone who likes %s is enjoying the wind".formatted(COLOURS.get(i));
            String here = "two people are here, one is playing outside";
            table.append("i%d.png\twho likes it?\t%s\n".formatted(i, likes));
            table.append("i%d.png\thow many are here?\t%s\n".formatted(i, here));
            expected.put("i%d.png".formatted(i), likes);
            expected.put("i%d.png#2".formatted(i), here);
        }
        Files.writeString(folder.resolve("questions.tsv"), table);
        var config = Files.writeString(folder.resolve("own.yaml"), """
                model: {arch: %1$s, model_type: small, prompt: ""}
                datasets:
                  own:
                    builder: image_text
                    build_info:
                      annotations: {train: {storage: questions.tsv}, val: {storage: questions.tsv}}
                      images: {storage: images}
                    columns: {image: file, question: asked, answer: said}
                    vis_processor:
                      train: {name: blip_image_eval, image_size: 84}
                      eval: {name: blip_image_eval, image_size: 84}
                    text_processor:
                      train: %2$s
                      eval: %2$s
                run:
                  task: captioning
                  lr_sched: linear_warmup_cosine_lr
                  init_lr: 2e-3
                  min_lr: 1e-5
                  weight_decay: 0.05
                  max_epoch: 60
                  batch_size_train: 8
                  batch_size_eval: 8
                  num_workers: 2
                  log_freq: 100
                  seed: 42
                  evaluate: False
                  save_freq: 0
                  num_beams: 1
                  train_splits: [train]
                  test_splits: [val]
                  device: cpu
                  output_dir: %3$s
                """.formatted(arch, text, folder.resolve("runs")));
        String printed = run(List.of("train", "--cfg-path", config.toString(), "--options", "data_root=" + folder));
        Path file;
        try (var files = Files.list(Path.of(printed.strip()).resolve("result"))) {
            file = files.filter(name -> name.toString().endsWith("_rank0.json"))
                    .findFirst()
                    .orElseThrow();
        }
        var results = new ObjectMapper().readTree(file.toFile());
        Map<String, String> answers = new LinkedHashMap<>();
        results.forEach(row ->
                answers.put(row.get("image_id").asText(), row.get("caption").asText()));
        assertThat(answers).isEqualTo(expected);
    }
}
