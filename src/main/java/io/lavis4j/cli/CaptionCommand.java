package io.lavis4j.cli;

import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.image.Box;
import io.lavis4j.image.BrokenImageException;
import io.lavis4j.image.ImageFormat;
import io.lavis4j.image.RegionMode;
import io.lavis4j.image.Regions;
import io.lavis4j.io.FileNames;
import io.lavis4j.io.JsonText;
import io.lavis4j.io.Listing;
import io.lavis4j.model.CaptionGenerator;
import io.lavis4j.runner.Job;
import io.lavis4j.runner.JobConfig;
import io.lavis4j.task.Captioner;
import io.lavis4j.task.CaptioningTask;
import io.lavis4j.task.Task;
import io.lavis4j.tensor.Trace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Captions images. */
@Command(
        name = "caption",
        description = {
            "Caption images, or all images of folders and of the folders in these: JPEG, PNG, WebP, GIF, BMP and TIFF,"
                    + " told by their content.",
            "What else a folder holds is passed over and named. An image that cannot be read is reported on standard error"
                    + " and makes the exit status 1; the others are done."
        })
final class CaptionCommand implements Callable<Integer> {

    private static final Pattern BOX = Pattern.compile("(-?\\d+),(-?\\d+),(0*[1-9]\\d*),(0*[1-9]\\d*)");

    @Mixin
    private final WeightsOptions model = new WeightsOptions();

    @Option(names = "--json", description = "One JSON object a line: image and caption, or captions.")
    private boolean json;

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            description =
                    "Text that captions continue; the model's by default. With --out it can be given several times.")
    private List<String> prompts = new ArrayList<>();

    @Option(
            names = "--box",
            paramLabel = "LEFT,TOP,WIDTH,HEIGHT",
            description = "A region to mark, in pixels; can be given several times.")
    private List<String> boxes = new ArrayList<>();

    @Option(
            names = "--num-captions",
            paramLabel = "N",
            description = "Captions for each image (default: ${DEFAULT-VALUE}).")
    private int numCaptions = 1;

    @Option(names = "--sample", description = "Draw words (nucleus sampling) instead of searching for the best.")
    private boolean sample;

    @Parameters(
            arity = "1..*",
            paramLabel = "IMAGE",
            description = {
                "Files or folders. With --out also tar files, and lists that end in .txt, .list, .lst or .jsonl (- for one on standard"
                        + " input): a path a line, or a JSON object with image and, where they are its own, prompt and boxes."
            })
    private List<Path> paths = new ArrayList<>();

    @Mixin
    private final BulkCaptions bulk = new BulkCaptions();

    @Mixin
    private final ProfileFile profile = new ProfileFile();

    @Mixin
    private final Console console = new Console();

    @Override
    public Integer call() {
        var regions = new Regions(boxes.stream().map(this::box).toList(), 0, 0, RegionMode.HIGHLIGHT);
        console.require(numCaptions >= 1, "--num-captions", numCaptions, "at least 1");
        if (bulk.areAsked(console)) {
            return captionAll(regions.boxes());
        }
        console.require(
                prompts.size() <= 1,
                "--prompt",
                "given several times",
                "--out FILE with it, whose rows name the prompt");
        var images = paths.stream().flatMap(path -> images(path).stream()).toList();
        var run = model.run();
        var config = JobConfig.withoutData(model.configuration(run));
        var generation = generation(config.task());
        var weights = model.weights(run, console);
        try (var trace = profile.open(Trace.Steps.ALL, console);
                var job = Job.withoutData(config, weights)) {
            var captioner = new Captioner(
                    job.model().as(CaptionGenerator.class),
                    config.processors().vis().eval(),
                    generation);
            int failed = 0;
            for (var image : images) {
                failed += caption(
                        captioner,
                        image,
                        regions,
                        prompts.isEmpty() ? config.model().prompt() : prompts.get(0));
            }
            return failed == 0 ? 0 : 1;
        }
    }

    private int captionAll(List<Box> regions) {
        console.require(!json, "--json", "with --out", "either of them; the ending of --out says the form");
        console.require(!profile.is(bulk.out()), "--profile", "and --out", "two files");
        var inputs = bulk.inputs(paths, console);
        var run = model.run();
        var config = JobConfig.withoutData(model.configuration(run));
        var own = bulk.ownSettings(config);
        if (!own.isEmpty()) {
            config = JobConfig.withoutData(model.configuration(run, own));
        }
        var wanted = new BulkCaptions.Wanted(
                config,
                generation(config.task()),
                model.weights(run, console),
                prompts.isEmpty() ? List.of(config.model().prompt()) : prompts,
                regions);
        try (var trace = bulk.isFirst(config) ? profile.open(Trace.Steps.ALL, console) : null) {
            return bulk.run(inputs, wanted);
        }
    }

    /** The settings of the configuration's task, LAVIS's where that is another than captioning. */
    private GenerationConfig generation(Task task) {
        var generation =
                task instanceof CaptioningTask captioning ? captioning.config().generation() : GenerationConfig.lavis();
        if (sample) {
            return generation.withDoSample(true).withNumBeams(1).withNumReturnSequences(numCaptions);
        }
        int beams = generation.numBeams();
        console.require(
                numCaptions <= beams,
                "--num-captions",
                numCaptions,
                "at most run.num_beams, which is %d; raise that by --options run.num_beams=%d, or draw with --sample"
                        .formatted(beams, numCaptions));
        return generation.withNumReturnSequences(numCaptions);
    }

    private int caption(Captioner captioner, Path image, Regions regions, String text) {
        try {
            var captions = captioner.caption(image, regions, text);
            var out = console.out();
            if (json) {
                out.println(line(image, captions));
            } else {
                captions.forEach(caption -> out.println(image + ": " + caption));
            }
            out.flush();
            return 0;
        } catch (BrokenImageException e) {
            log().error("{}", e.getMessage());
            return 1;
        }
    }

    private static String line(Path image, List<String> captions) {
        var object = new LinkedHashMap<String, Object>();
        object.put("image", image.toString());
        if (captions.size() == 1) {
            object.put("caption", captions.get(0));
        } else {
            object.put("captions", captions);
        }
        return JsonText.of(object);
    }

    private Box box(String text) {
        var numbers = BOX.matcher(text);
        if (!numbers.matches()) {
            throw console.wrong(
                    "--box %s: expected LEFT,TOP,WIDTH,HEIGHT in pixels, at least 1 wide and high, as 10,20,64,48"
                            .formatted(text));
        }
        try {
            return new Box(
                    Integer.parseInt(numbers.group(1)),
                    Integer.parseInt(numbers.group(2)),
                    Integer.parseInt(numbers.group(3)),
                    Integer.parseInt(numbers.group(4)));
        } catch (NumberFormatException e) {
            throw console.wrong("--box %s: a number is too large".formatted(text));
        }
    }

    /** Only now: setting up a log takes time. */
    private static Logger log() {
        return LoggerFactory.getLogger(CaptionCommand.class);
    }

    /** The images of a folder by name, or the file itself, whatever it is. */
    private List<Path> images(Path path) {
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        var images = new ArrayList<Path>();
        var others = new ArrayList<Path>();
        try (var entries = Files.walk(path, FileVisitOption.FOLLOW_LINKS)) {
            entries.filter(entry -> !Files.isDirectory(entry) && !isHidden(path.relativize(entry)))
                    .sorted()
                    .forEach(entry -> {
                        FileNames.requireReadable(entry.toString());
                        (isImage(entry) ? images : others).add(path.relativize(entry));
                    });
        } catch (IOException | UncheckedIOException e) {
            throw new UncheckedIOException(
                    "%s cannot be read (%s)".formatted(path, e),
                    e instanceof IOException own ? own : new IOException(e));
        }
        if (images.isEmpty()) {
            throw console.wrong(
                    others.isEmpty()
                            ? "%s: no file in this folder".formatted(path)
                            : "%s: no image in this folder, but %d others: %s"
                                    .formatted(path, others.size(), Listing.of(others)));
        }
        if (!others.isEmpty()) {
            log().warn(
                            "{}: {} files passed over, as they are not images that are read: {}",
                            path,
                            others.size(),
                            Listing.of(others));
        }
        return images.stream().map(path::resolve).toList();
    }

    /** As where a folder is trained on, names that begin with a dot are passed over. */
    private static boolean isHidden(Path below) {
        return StreamSupport.stream(below.spliterator(), false)
                .anyMatch(name -> name.toString().startsWith("."));
    }

    /** One that cannot be opened counts, so that it is reported. */
    private static boolean isImage(Path entry) {
        try {
            return Files.isRegularFile(entry) && ImageFormat.of(entry) != null;
        } catch (IOException e) {
            return true;
        }
    }
}
