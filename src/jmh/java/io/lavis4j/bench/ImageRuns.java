package io.lavis4j.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lavis4j.config.Section;
import io.lavis4j.dataset.DataLoader;
import io.lavis4j.dataset.LoaderConfig;
import io.lavis4j.dataset.Sample;
import io.lavis4j.dataset.SampleSource;
import io.lavis4j.dataset.SampleTexts;
import io.lavis4j.image.Box;
import io.lavis4j.image.RegionMode;
import io.lavis4j.image.Regions;
import io.lavis4j.processor.BlipCaption;
import io.lavis4j.processor.ImagePipeline;
import io.lavis4j.processor.ImagePipelines;
import io.lavis4j.processor.ImageProcessors;
import io.lavis4j.processor.PlannedProcessor;
import io.lavis4j.processor.TorchSampleRandom;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.RandomState;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Prepares images on request, for a program that measures another implementation beside it; see
 * {@code src/test/python/bench_preprocess.py}.
 *
 * <p>Reads commands from standard input, one a line, and answers each with one line of JSON: {@code {"processor":
 * {...}, "seed": 0, "count": 10}} prepares ten images in the calling thread and answers the nanoseconds; with
 * {@code "workers"} a {@link DataLoader} prepares them; with {@code "out"} the last image's (3, S, S) float32 go to
 * that file.
 */
public final class ImageRuns {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final ImagePipeline pipeline = ImagePipelines.best();
    private final List<Sample> samples;
    private final Map<Map<?, ?>, PlannedProcessor> processors = new HashMap<>();

    private ImageRuns(List<Sample> samples) {
        this.samples = samples;
    }

    /**
     * Takes the JSON file that lists the images: {@code [{"file": "a.jpg", "boxes": [[left, top, width, height]]}]}.
     */
    public static void main(String[] args) throws IOException {
        var runs = new ImageRuns(samples(Path.of(args[0])));
        var commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            System.out.println(
                    JSON.writeValueAsString(Map.of("nanoseconds", runs.run(JSON.readValue(line, Command.class)))));
        }
    }

    /** One line of standard input. */
    record Command(
            Map<String, Object> processor,
            long seed,
            int count,
            @Nullable Integer workers,
            @Nullable String out) {}

    private static List<Sample> samples(Path list) throws IOException {
        var samples = new ArrayList<Sample>();
        for (var item : JSON.readTree(list.toFile())) {
            var boxes = new ArrayList<Box>();
            for (var b : item.get("boxes")) {
                boxes.add(new Box(
                        b.get(0).asInt(),
                        b.get(1).asInt(),
                        b.get(2).asInt(),
                        b.get(3).asInt()));
            }
            Path file = list.resolveSibling(item.get("file").asText());
            var regions = new Regions(boxes, 0, 0, RegionMode.HIGHLIGHT);
            samples.add(new Sample(file, regions, SampleTexts.of(file.toString(), "")));
        }
        return samples;
    }

    private long run(Command command) throws IOException {
        var processor = processors.computeIfAbsent(command.processor(), ImageRuns::read);
        if (command.workers() != null) {
            return load(processor, command, command.workers());
        }
        int size = processor.imageSize();
        var out = ByteBuffer.allocateDirect(3 * size * size * Float.BYTES).order(ByteOrder.nativeOrder());
        var random = new TorchSampleRandom();
        long start = System.nanoTime();
        for (int i = 0; i < command.count(); i++) {
            RandomState.seed(command.seed() + i);
            var sample = samples.get(i % samples.size());
            pipeline.load(sample.image(), sample.regions(), processor, random, out.asFloatBuffer());
        }
        long nanoseconds = System.nanoTime() - start;
        if (command.out() != null) {
            byte[] bytes = new byte[out.capacity()];
            out.get(0, bytes);
            Files.write(Path.of(command.out()), bytes);
        }
        return nanoseconds;
    }

    private long load(PlannedProcessor processor, Command command, int workers) {
        var dataset = new RepeatedSamples(samples, command.count());
        var source = new SampleSource(dataset, processor, new BlipCaption("", 50), pipeline);
        try (var loader = new DataLoader(source, LoaderConfig.evaluation(8, workers), Devices.cpu())) {
            long start = System.nanoTime();
            var batches = loader.epoch(0);
            while (batches.hasNext()) {
                batches.next().close();
            }
            return System.nanoTime() - start;
        }
    }

    private static PlannedProcessor read(Map<?, ?> settings) {
        var map = new HashMap<String, Object>();
        settings.forEach((key, value) -> map.put((String) key, value));
        var section = Section.root(map);
        var processor = ImageProcessors.read(section);
        section.requireValid();
        return (PlannedProcessor) Objects.requireNonNull(processor);
    }
}
