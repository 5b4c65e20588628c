package io.lavis4j.cli;

import io.lavis4j.caption.BulkCaptioner;
import io.lavis4j.caption.BulkOptions;
import io.lavis4j.caption.BulkTally;
import io.lavis4j.caption.CaptionInput;
import io.lavis4j.caption.CaptionInput.Kind;
import io.lavis4j.caption.CaptionOutput;
import io.lavis4j.caption.RowFile;
import io.lavis4j.caption.TextsBeside;
import io.lavis4j.config.Section;
import io.lavis4j.dataset.Share;
import io.lavis4j.distributed.Rendezvous;
import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.image.Box;
import io.lavis4j.model.CaptionGenerator;
import io.lavis4j.runner.Job;
import io.lavis4j.runner.JobConfig;
import io.lavis4j.runner.OutOfMemory;
import io.lavis4j.task.Captioner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** The part of {@code caption} that writes to files, of any number of images. */
final class BulkCaptions {

    private static final String BESIDE = "txt-beside";

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description =
                    "Caption any number of images to FILE.jsonl (image, prompt, caption or error) or FILE.csv, or with"
                            + " txt-beside to a .txt beside each. What is there already is kept, and the rest done. An image that"
                            + " cannot be read becomes a row with an error and leaves the exit status 0.")
    private @Nullable Path out;

    @Option(
            names = "--images",
            paramLabel = "DIR",
            description = "With --out: the folder that relative paths of a list are below (default: that of the list).")
    private @Nullable Path images;

    @Option(
            names = "--batch-size",
            paramLabel = "B",
            description = "With --out: images and prompts that the model sees at once (default: run.batch_size_eval).")
    private @Nullable Integer batchSize;

    @Option(names = "--overwrite", description = "With --out: begin anew, whatever is there.")
    private boolean overwrite;

    @Option(
            names = "--rank",
            paramLabel = "K",
            description =
                    "With --out and --world: number of this process, from 0 (default: as for train, what launch,"
                            + " torchrun or SLURM set). It captions every N-th image from the K-th on, to FILE-0000K-of-0000N.jsonl.")
    private @Nullable Integer rank;

    @Option(names = "--world", paramLabel = "N", description = "With --out and --rank: the number of processes.")
    private @Nullable Integer world;

    /**
     * What is to be captioned and how.
     *
     * @param weights of the model; {@code null} for the configured ones
     */
    record Wanted(
            JobConfig config,
            GenerationConfig generation,
            @Nullable Path weights,
            List<String> prompts,
            List<Box> boxes) {}

    /** Whether captions go to files; the options that are for that alone are refused otherwise. */
    boolean areAsked(Console console) {
        if (out != null) {
            return true;
        }
        boolean others = images != null || batchSize != null || overwrite || rank != null || world != null;
        if (others) {
            throw console.wrong(
                    "--images, --batch-size, --overwrite, --rank and --world are of captions in files; expected --out FILE");
        }
        if (Launched.isSo()) {
            throw console.wrong(
                    "with launch each process captions a part; expected --out FILE, of which each writes one");
        }
        return false;
    }

    /** Where captions go, as it is asked for. */
    Path out() {
        return Section.present(out);
    }

    /** Inputs and options as far as they can be judged by themselves. */
    List<CaptionInput> inputs(List<Path> paths, Console console) {
        console.requireThere("--images", images);
        console.require(images == null || Files.isDirectory(images), "--images", String.valueOf(images), "a folder");
        console.require(batchSize == null || batchSize >= 1, "--batch-size", String.valueOf(batchSize), "at least 1");
        console.require((rank == null) == (world == null), "--rank", "and --world", "both of them or none");
        if (rank != null && world != null) {
            console.require(world >= 1, "--world", world, "at least 1");
            console.require(rank >= 0 && rank < world, "--rank", rank, "from 0 and below --world, " + world);
        }
        var ending = ending();
        console.require(
                List.of(".jsonl", ".csv", BESIDE).contains(ending),
                "--out",
                String.valueOf(out),
                "FILE.jsonl, FILE.csv or " + BESIDE);
        try {
            if (!ending.equals(BESIDE)) {
                RowFile.requirePlace(out());
            }
            var inputs = paths.stream().map(CaptionInput::of).toList();
            inputs.forEach(input -> requireSound(input, ending, console));
            long standardInputs = inputs.stream()
                    .filter(input -> input.kind() == Kind.STANDARD_INPUT)
                    .count();
            console.require(
                    standardInputs == 0 || (standardInputs == 1 && !Launched.isSo()),
                    "-",
                    "for standard input",
                    "it once, and in one process");
            return inputs;
        } catch (IllegalArgumentException e) {
            throw console.wrong(String.valueOf(e.getMessage()));
        }
    }

    private String ending() {
        String name = String.valueOf(out);
        int dot = name.lastIndexOf('.');
        return name.equals(BESIDE) ? BESIDE : dot < 0 ? "" : name.substring(dot).toLowerCase(Locale.ROOT);
    }

    private void requireSound(CaptionInput input, String ending, Console console) {
        if (input.kind() == Kind.TAR) {
            console.require(
                    !ending.equals(BESIDE),
                    "--out",
                    BESIDE,
                    "FILE.jsonl or FILE.csv, as there is no place beside an image in %s".formatted(input.path()));
        }
        try {
            boolean same = out != null
                    && input.kind() != Kind.STANDARD_INPUT
                    && Files.exists(out)
                    && Files.isSameFile(out, input.path());
            console.require(!same, "--out", String.valueOf(out), "another file than the input");
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be looked at (%s)".formatted(out, e), e);
        }
    }

    /** What options say of settings, and in place of the device {@code cuda} the GPU of this process on its machine. */
    List<String> ownSettings(JobConfig config) {
        var settings = new ArrayList<String>();
        if (batchSize != null) {
            settings.add("run.batch_size_eval=" + batchSize);
        }
        var others = rank == null
                ? Rendezvous.of(System::getenv, config.run().group().url())
                : null;
        if (others != null && config.run().device().equals("cuda")) {
            settings.add("run.device=cuda:" + others.localRank());
        }
        return settings;
    }

    /** Whether this is the first process, or the only one. */
    boolean isFirst(JobConfig config) {
        return share(config).rank() == 0;
    }

    private Share share(JobConfig config) {
        if (rank != null && world != null) {
            return new Share(rank, world);
        }
        var others = Rendezvous.of(System::getenv, config.run().group().url());
        return others == null ? Share.WHOLE : new Share(others.rank(), others.world());
    }

    /** Captions the images; the output is opened before the model is loaded. */
    int run(List<CaptionInput> inputs, Wanted wanted) {
        var config = wanted.config();
        var share = share(config);
        var loading = config.run().loading();
        var options =
                new BulkOptions(loading.batchSizeEval(), loading.numWorkers(), share, wanted.prompts(), wanted.boxes());
        try (var output = output(inputs, wanted, share);
                var job = Job.withoutData(config, wanted.weights());
                var display = new ProgressDisplay("images")) {
            var captioner = new Captioner(
                    job.model().as(CaptionGenerator.class),
                    config.processors().vis().eval(),
                    wanted.generation());
            var tally = new BulkCaptioner(captioner, options)
                    .run(inputs, images, System.in, output, (done, total) -> display.progress("captions", done, total));
            display.close();
            log(tally);
            return 0;
        } catch (RuntimeException e) {
            throw OutOfMemory.of(config).inEvaluation(e);
        }
    }

    private static void log(BulkTally tally) {
        Logger log = LoggerFactory.getLogger(BulkCaptions.class);
        log.info("{} images captioned, {} were done before", tally.captioned(), tally.kept());
        if (tally.failed() > 0) {
            log.warn("{} images could not be read", tally.failed());
        }
    }

    private CaptionOutput output(List<CaptionInput> inputs, Wanted wanted, Share share) {
        String ending = ending();
        if (ending.equals(BESIDE)) {
            return new TextsBeside(
                    overwrite, inputs.stream().map(CaptionInput::path).toList());
        }
        var file = share.world() == 1 ? out() : shard(out(), share);
        var settings = settings(inputs, wanted, share);
        return ending.equals(".csv")
                ? RowFile.csv(file, wanted.generation().numReturnSequences(), settings, overwrite)
                : RowFile.json(file, settings, overwrite);
    }

    private static Path shard(Path file, Share share) {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return file.resolveSibling("%s-%05d-of-%05d%s"
                .formatted(name.substring(0, dot), share.rank(), share.world(), name.substring(dot)));
    }

    /** All that the rows of a file depend on. */
    private Map<String, Object> settings(List<CaptionInput> inputs, Wanted wanted, Share share) {
        var settings = new LinkedHashMap<String, Object>();
        settings.put("input", inputs.stream().map(CaptionInput::identity).toList());
        if (images != null) {
            settings.put("images", images.toString());
        }
        settings.put("prompts", wanted.prompts());
        settings.put("boxes", wanted.boxes());
        settings.put("share", "%d of %d".formatted(share.rank(), share.world()));
        var weights = wanted.weights();
        settings.put("weights", weights == null ? "as configured" : CaptionInput.sum(weights));
        var configuration = wanted.config().source().root();
        settings.put("model", configuration.section("model").values());
        configuration.section("datasets").sections().values().stream()
                .limit(1) // whose processors are taken
                .forEach(dataset ->
                        settings.put("vis_processor", dataset.values().get("vis_processor")));
        var evaluated = wanted.config().run().resumeCkptPath();
        if (evaluated != null) {
            settings.put("resume_ckpt_path", evaluated);
        }
        settings.put("generation", wanted.generation());
        if (wanted.generation().doSample()) {
            settings.put("seed", wanted.config().run().seed());
        }
        return settings;
    }
}
