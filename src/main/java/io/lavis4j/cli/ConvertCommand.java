package io.lavis4j.cli;

import io.lavis4j.zoo.ModelType;
import io.lavis4j.zoo.ModelZoo;
import io.lavis4j.zoo.WeightFiles;
import io.lavis4j.zoo.huggingface.Conversion;
import io.lavis4j.zoo.huggingface.Conversion.Place;
import io.lavis4j.zoo.huggingface.ConversionReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Converts between LAVIS's checkpoints and Hugging Face's folders. */
@Command(
        name = "convert",
        description = {
            "Make a folder that transformers opens of a LAVIS checkpoint, or a checkpoint of such a folder.",
            "A checkpoint holds trained parts alone: name its model, whose other parts are taken from their own files."
                    + " Prints what became of the tensors."
        })
final class ConvertCommand implements Callable<Integer> {

    /** The model of a checkpoint: a published type, or a configuration's. */
    static final class Model {

        @ArgGroup(exclusive = false)
        private @Nullable Published published;

        @Option(
                names = "--cfg-path",
                required = true,
                paramLabel = "FILE",
                description = "The configuration of the checkpoint's run; FROM comes over the weights that it names.")
        private @Nullable String cfgPath;
    }

    /** A type of the zoo. */
    static final class Published {

        @Option(names = "--arch", required = true, paramLabel = "NAME", description = "The model, as zoo lists it.")
        private String arch = "";

        @Option(
                names = "--model-type",
                required = true,
                paramLabel = "TYPE",
                description = "Its type; FROM is read in place of the type's own checkpoint.")
        private String modelType = "";
    }

    @ArgGroup
    private @Nullable Model model;

    @Mixin
    private final ConfigOptions options = new ConfigOptions();

    @Parameters(index = "0", paramLabel = "FROM", description = "A checkpoint (.pth), or a folder.")
    private Path from = Path.of("");

    @Parameters(index = "1", paramLabel = "TO", description = "A folder, or a checkpoint (.pth); must be new.")
    private Path to = Path.of("");

    @Mixin
    private final Console console = new Console();

    @Override
    public Integer call() {
        console.requireThere("FROM", from);
        given("TO", () -> {
            Conversion.requireNew(to);
            return to;
        });
        console.out().println(Files.isDirectory(from) ? toCheckpoint() : toFolder());
        return 0;
    }

    private ConversionReport toCheckpoint() {
        if (model != null || !options.isEmpty()) {
            throw console.wrong("%s is a folder, whose config.json says what model it is; expected no other name of it"
                    .formatted(from));
        }
        return Conversion.toCheckpoint(from, to);
    }

    private ConversionReport toFolder() {
        if (model == null) {
            throw console.wrong(
                    "%s is a checkpoint; expected the model that it is of: --arch and --model-type, or --cfg-path"
                            .formatted(from));
        }
        var weights = WeightFiles.in(List.of());
        var published = model.published;
        if (published != null) {
            if (!options.isEmpty()) {
                throw console.wrong("--options: expected with --cfg-path only, whose settings they are over");
            }
            var type = given("--arch", () -> new ModelZoo().get(published.arch)).type(published.modelType);
            return Conversion.toFolder(from, Place.OF_CHECKPOINT, type, weights, to);
        }
        return Conversion.toFolder(from, Place.OVER_ALL, configured(String.valueOf(model.cfgPath)), weights, to);
    }

    /** What an argument names; an error of it is one of whoever gave the command. */
    private <T> T given(String argument, Supplier<T> named) {
        try {
            return named.get();
        } catch (IllegalArgumentException e) {
            throw console.wrong(argument + ": " + e.getMessage());
        }
    }

    private ModelType<?> configured(String cfgPath) {
        return options.load(cfgPath).bind(root -> {
            var section = root.section("model");
            var architecture = new ModelZoo().read(section);
            return architecture == null ? null : architecture.read(section);
        });
    }
}
