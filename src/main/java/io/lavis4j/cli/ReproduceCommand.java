package io.lavis4j.cli;

import io.lavis4j.io.JsonText;
import io.lavis4j.reproduce.NeededFile;
import io.lavis4j.reproduce.PublishedResult;
import io.lavis4j.reproduce.PublishedResults;
import io.lavis4j.reproduce.Rerun;
import io.lavis4j.runner.RunDirectory;
import io.lavis4j.zoo.WeightFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Published results. */
@Command(
        name = "reproduce",
        description = {
            "Say what it takes to reproduce a published result of BLIP-2: the files on disk, the command, the expected"
                    + " scores. Without NAME, the list of results.",
            "With --run the scores of an evaluation are compared; the exit status is 0 if they are reproduced, 1 if they"
                    + " are not, 2 if the run is of another configuration."
        })
final class ReproduceCommand implements Callable<Integer> {

    private static final String DATA_ROOT = "data_root";

    @Parameters(arity = "0..1", paramLabel = "NAME", description = "A result: caption_coco_opt2.7b.")
    private @Nullable String name;

    @Option(
            names = "--run",
            paramLabel = "DIR",
            description =
                    "The directory of an evaluation (with evaluate.txt), or its parent, and then the newest in it.")
    private @Nullable Path run;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Mixin
    private final ConfigOptions options = new ConfigOptions();

    @Mixin
    private final Console console = new Console();

    @Override
    public Integer call() {
        var all = PublishedResults.shipped();
        if (name == null) {
            console.require(run == null, "--run", "without NAME", "the result that the run is of");
            console.require(options.isEmpty(), "--options", "without NAME", "the result that they are for");
            print(all, ReproduceText.of(all));
            return 0;
        }
        var result = all.get(name);
        if (run == null) {
            show(result);
            return 0;
        }
        console.require(options.isEmpty(), "--options", "with --run", "none, as the run has its configuration");
        var rerun = Rerun.of(result, RunDirectory.openEvaluated(run));
        print(rerun, ReproduceText.of(rerun));
        return rerun.reproduced() ? 0 : Main.FAILED;
    }

    private void show(PublishedResult result) {
        var object = new LinkedHashMap<String, Object>();
        object.put("result", result);
        object.put("status", result.status());
        List<NeededFile> files = List.of();
        var given = new ArrayList<>(options.given());
        if (result.config() != null) {
            var config = options.load(result.config(), result.settings());
            if (!options.has(DATA_ROOT)) {
                var root = config.dataRoot();
                given.add(0, DATA_ROOT + "=" + (root == null ? "DIR" : root));
                config = options.load(
                        result.config(),
                        Stream.concat(given.stream(), result.settings().stream())
                                .toList());
            }
            files = NeededFile.of(config, WeightFiles.in(List.of()));
            object.put("files", files);
            object.put("command", result.command(given));
        }
        print(object, ReproduceText.of(result, files, given));
    }

    private void print(Object object, List<String> lines) {
        if (json) {
            console.out().println(JsonText.of(object));
        } else {
            lines.forEach(console.out()::println);
        }
    }
}
