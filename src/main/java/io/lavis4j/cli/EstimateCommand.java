package io.lavis4j.cli;

import io.lavis4j.config.ConfigException;
import io.lavis4j.estimate.Advice;
import io.lavis4j.estimate.CardMemory;
import io.lavis4j.estimate.FeatureMemory;
import io.lavis4j.estimate.MemoryEstimate;
import io.lavis4j.runner.JobConfig;
import io.lavis4j.tensor.Devices;
import io.lavis4j.zoo.WeightFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Estimates memory. */
@Command(
        name = "estimate",
        description = {
            "Estimate the memory that training and evaluation of a configuration need, part by part, without its weights"
                    + " and data.",
            "With --gpu-memory it says whether that is enough; if not, the exit status is 1, and settings that make it"
                    + " enough are listed, the cheapest first.",
            "With --table it says what a GPU can hold instead: BLIP-2 with OPT, by batch size and precision."
        })
final class EstimateCommand implements Callable<Integer> {

    private static final List<String> WITHOUT_CHECKPOINT =
            List.of("model.load_finetuned=False", "model.load_pretrained=False");
    private static final long IMAGES = 1000;
    private static final String CARD = "24000MB";
    private static final Pattern AMOUNT = Pattern.compile("(\\d+(?:\\.\\d+)?) ?(g|gb|gib|m|mb|mib)");

    /** One of the two must be given. */
    static final class Subject {

        @Option(
                names = "--cfg-path",
                required = true,
                paramLabel = "FILE",
                description = "A configuration, or the name of one that is shipped: finetune/caption_sherlock.yaml.")
        private String cfgPath = "";

        @Option(
                names = "--table",
                required = true,
                description = "Fine-tuning and captions of the published sizes at 364 px, on a GPU of "
                        + CARD
                        + " if --gpu-memory does not say another.")
        private boolean table;
    }

    @ArgGroup(multiplicity = "1")
    private Subject subject = new Subject();

    @Option(
            names = "--gpu-memory",
            paramLabel = "AMOUNT",
            description = "Memory of the GPU to estimate for, whatever run.device is: 24GB or 24000MB, in units of 1024"
                    + " as GPUs are sold.")
    private @Nullable String gpuMemory;

    @Option(
            names = "--images",
            paramLabel = "N",
            description = "Images of the data, whose vision features run.cache_vision_features=memory keeps; without it"
                    + " those of 1000 are printed, and none counted.")
    private @Nullable Long images;

    @Mixin
    private final ConfigOptions options = new ConfigOptions();

    @Mixin
    private final Console console = new Console();

    @Override
    public Integer call() {
        if (subject.table) {
            console.require(
                    options.isEmpty(), "--table", "with --options", "--cfg-path FILE, whose settings these are");
            console.require(images == null, "--table", "with --images", "--cfg-path FILE, whose images these are");
            new CardTable(CardMemory.of(bytes(gpuMemory == null ? CARD : gpuMemory)))
                    .lines()
                    .forEach(console.out()::println);
            return 0;
        }
        long available = gpuMemory == null ? Long.MAX_VALUE : bytes(gpuMemory);
        var config = config(List.of());
        boolean gpu = onGpu(config.run().device());
        var features = features(config, gpu);
        var estimate =
                estimate(config, gpu).withFeatures(features == null || images == null ? 0 : features.bytes(images));
        new EstimateTable(estimate).lines().forEach(console.out()::println);
        if (features != null) {
            console.out().println(text(features));
        }
        if (gpuMemory == null) {
            return 0;
        }
        boolean fits = estimate.needed() <= available;
        console.out()
                .println("%s a GPU of %s: %s MiB needed, %s MiB there"
                        .formatted(
                                fits ? "Fits" : "Does not fit",
                                gpuMemory,
                                EstimateTable.mebibytes(estimate.needed()),
                                EstimateTable.mebibytes(available)));
        if (!fits) {
            advise(config, available);
        }
        return fits ? 0 : 1;
    }

    /** The job with further settings, without its checkpoint, which may not be named or not be there. */
    private JobConfig config(List<String> settings) {
        var all = new ArrayList<>(WITHOUT_CHECKPOINT);
        all.addAll(settings);
        return JobConfig.withoutData(options.load(subject.cfgPath, all));
    }

    private static MemoryEstimate estimate(JobConfig config, boolean gpu) {
        return MemoryEstimate.of(config, gpu, WeightFiles.in(List.of()));
    }

    private @Nullable FeatureMemory features(JobConfig config, boolean gpu) {
        console.require(images == null || images > 0, "--images", String.valueOf(images), "a number of images above 0");
        var features = FeatureMemory.of(config, gpu, WeightFiles.in(List.of()));
        if (features != null && images != null) {
            long most = features.mostImages();
            console.require(images <= most, "--images", String.valueOf(images), "at most %d images".formatted(most));
        }
        return features;
    }

    private String text(FeatureMemory features) {
        long count = images == null ? IMAGES : images;
        return "Vision features of %d images, %d views of %d bytes each: %s MiB of the machine's memory in each process"
                .formatted(
                        count,
                        features.views(),
                        features.bytesOfView(),
                        EstimateTable.mebibytes(features.bytes(count)));
    }

    /** {@code auto} is what this machine has. */
    private boolean onGpu(String device) {
        boolean asked = gpuMemory != null || device.startsWith("cuda");
        return asked || (device.equals("auto") && Devices.of(device).is_cuda());
    }

    private void advise(JobConfig config, long available) {
        var loading = config.run().loading();
        var job = new Advice.Job(
                loading.batchSizeTrain(),
                config.run().optimization().accumulation().iters(),
                loading.batchSizeEval());
        var remedies = new Advice(job, this::with, available).remedies();
        console.out()
                .println(
                        remedies.isEmpty()
                                ? "No setting makes it fit: take a smaller model or a larger GPU"
                                : "It would fit with one of these, the cheapest first:");
        for (var remedy : remedies) {
            console.out()
                    .println("  --options %s  (%s MiB)"
                            .formatted(String.join(" ", remedy.settings()), EstimateTable.mebibytes(remedy.needed())));
        }
    }

    private @Nullable MemoryEstimate with(List<String> settings) {
        try {
            return estimate(config(settings), true);
        } catch (ConfigException e) {
            return null; // settings that exclude each other
        }
    }

    private long bytes(String amount) {
        var parsed = AMOUNT.matcher(amount.toLowerCase(Locale.ROOT));
        double bytes = parsed.matches()
                ? Double.parseDouble(parsed.group(1)) * (1L << (parsed.group(2).startsWith("g") ? 30 : 20))
                : 0;
        boolean holds = bytes >= 1 && bytes < 1L << 62;
        console.require(holds, "--gpu-memory", amount, "an amount such as 24GB or 24000MB");
        return (long) bytes;
    }
}
