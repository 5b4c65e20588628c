package io.lavis4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.config.Configuration;
import io.lavis4j.config.Section;
import io.lavis4j.config.ShippedConfigs;
import io.lavis4j.fixture.DataFixtures;
import io.lavis4j.io.JsonText;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every shipped configuration of a run with its architecture's small model, by the command in its first line: two
 * training steps with what the configuration validates and tests, or an evaluation.
 */
class ProjectConfigsIT {

    private static final int IMAGE_SIZE = 84; // of the small models

    private static final List<String> SETTINGS = List.of(
            "model.model_type=small",
            "model.load_pretrained=False",
            "model.load_finetuned=False",
            "model.freeze_vit=False", // there is no file of a small encoder
            "model.vit_precision=fp32",
            "model.image_size=" + IMAGE_SIZE,
            "run.device=cpu",
            "run.num_workers=0",
            "run.batch_size_train=2",
            "run.batch_size_eval=2",
            "run.max_epoch=1",
            "run.max_steps=2");

    @TempDir
    private static Path folder = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void writeTheDataSets() {
        DataFixtures.writeAll(folder.resolve("data"));
    }

    static Stream<String> runs() {
        return Stream.of("pretrain", "finetune", "evaluate").flatMap(kind -> ShippedConfigs.names(kind).stream());
    }

    private static Section shipped(String name) {
        return Configuration.load(name, List.of(), variable -> null).root();
    }

    /** The command in the first line, with what makes it small. */
    private static List<String> command(String name) throws IOException {
        var words = new ArrayList<>(Arrays.asList(
                Files.readAllLines(Path.of("configs", name)).get(0).split(" ")));
        assertThat(words).startsWith("#", "lavis4j").contains("--options");
        var command = new ArrayList<>(words.subList(2, words.indexOf("--options") + 1));
        command.add("data_root=" + folder.resolve("data"));
        command.add("run.output_dir=" + folder.resolve("runs").resolve(name));
        command.addAll(SETTINGS);
        var shipped = shipped(name);
        var prompt = shipped.section("model").stringIfPresent("prompt");
        if (prompt != null) { // the small model has one of its own
            command.add("model.prompt=\"%s\"".formatted(prompt));
        }
        shipped.section("datasets").sections().forEach((entry, dataset) -> {
            command.addAll(DataFixtures.options(entry));
            dataset.section("vis_processor")
                    .sections()
                    .keySet()
                    .forEach(split -> command.add(
                            "datasets.%s.vis_processor.%s.image_size=%d".formatted(entry, split, IMAGE_SIZE)));
        });
        return command;
    }

    @ParameterizedTest
    @MethodSource("runs")
    void aShippedConfigurationRunsFromEndToEnd(String name) throws IOException {
        var command = command(name).toArray(String[]::new);
        assertThat(Main.run(new PrintWriter(out, true), new PrintWriter(err, true), command))
                .as("%s%n%s", String.join(" ", command), err)
                .isZero();

        Path run;
        try (var runs = Files.list(folder.resolve("runs").resolve(name))) {
            run = runs.findFirst().orElseThrow();
        }
        var settings = shipped(name).section("run");
        var splits = new ArrayList<>(settings.strings("test_splits"));
        if (settings.flag("evaluate", false)) {
            assertThat(JsonText.parse(out.toString()).fieldNames()).toIterable().containsExactlyElementsOf(splits);
        } else {
            splits.addAll(0, settings.strings("valid_splits"));
            var epochs = Files.readAllLines(run.resolve("log.txt")).stream()
                    .filter(line -> line.contains("\"train_loss\""))
                    .toList();
            assertThat(epochs).hasSize(1);
            assertThat(JsonText.isFinite(JsonText.parse(epochs.get(0)).path("train_loss")))
                    .isTrue();
            assertThat(run.resolve("finished.json")).exists();
        }
        var evaluated = new ArrayList<String>();
        if (!splits.isEmpty()) {
            for (String line : Files.readAllLines(run.resolve("evaluate.txt"))) {
                JsonText.parse(line).fieldNames().forEachRemaining(evaluated::add);
            }
        }
        assertThat(evaluated).containsExactlyElementsOf(splits);
    }

    /** The published model's result is not that of a small one. */
    @Test
    void anEvaluationByASmallModelReproducesNothing() throws IOException {
        aShippedConfigurationRunsFromEndToEnd("evaluate/ret_flickr.yaml");
        String runs = folder.resolve("runs/evaluate/ret_flickr.yaml").toString();
        assertThat(Main.run(
                        new PrintWriter(out, true),
                        new PrintWriter(err, true),
                        "reproduce",
                        "ret_flickr",
                        "--run",
                        runs))
                .isEqualTo(2);
        assertThat(err.toString()).contains("is not a run of ret_flickr", "model.model_type is small, expected coco");
    }

    @Test
    void aDataSetWithoutAFixtureIsNamedWithWhatToAdd() {
        assertThatThrownBy(() -> DataFixtures.options("snli_ve"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("no fixture of the data set snli_ve: add a class to io.lavis4j.fixture");
    }
}
