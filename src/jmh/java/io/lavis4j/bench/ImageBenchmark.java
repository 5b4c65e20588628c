package io.lavis4j.bench;

import io.lavis4j.config.Section;
import io.lavis4j.image.Box;
import io.lavis4j.image.RegionMode;
import io.lavis4j.image.Regions;
import io.lavis4j.processor.ImagePipeline;
import io.lavis4j.processor.ImagePipelines;
import io.lavis4j.processor.ImageProcessors;
import io.lavis4j.processor.JavaImagePipeline;
import io.lavis4j.processor.PlannedProcessor;
import io.lavis4j.processor.SampleRandom;
import io.lavis4j.processor.SeededSampleRandom;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * From an image's file to its place in a batch. Samples per second of all threads together; JMH's {@code -t 2} shows
 * how threads scale.
 */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up method before any other
public class ImageBenchmark {

    /** The pipeline: native or java. */
    @Param({"native", "java"})
    String pipeline;

    /** The sample that is made of an image: a training sample of 364 pixels or one of 224 for evaluation. */
    @Param({"train", "eval"})
    String sample;

    /** JPEG decoding: exact or fast. */
    @Param({"exact", "fast"})
    String decode;

    /** A file of your own; empty for a drawn JPEG of 1920 x 1080 pixels and 250 to 400 kB. */
    @Param({""})
    String image;

    private final Regions regions = new Regions(List.of(new Box(300, 200, 700, 500)), 0, 0, RegionMode.HIGHLIGHT);

    private Path file;
    private ImagePipeline images;
    private PlannedProcessor processor;
    private FloatBuffer out;
    private long index;

    /** Draws the image if none is given. */
    @Setup
    public void begin() throws IOException {
        file = image.isEmpty() ? DrawnPhotograph.write() : Path.of(image);
        images = switch (pipeline) {
            case "native" -> ImagePipelines.best();
            case "java" -> new JavaImagePipeline();
            default ->
                throw new IllegalArgumentException("unknown pipeline \"" + pipeline + "\", expected native or java");
        };
        boolean train = sample.equals("train");
        var section = Section.root(Map.of(
                "name", train ? "blip2_image_train" : "blip_image_eval",
                "image_size", train ? 364 : 224,
                "fast_decode", decode.equals("fast")));
        processor = (PlannedProcessor) Objects.requireNonNull(ImageProcessors.read(section));
        section.requireValid();
        int numbers = 3 * processor.imageSize() * processor.imageSize();
        out = ByteBuffer.allocateDirect(numbers * Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    /** One sample; each has a crop of its own. */
    @Benchmark
    public FloatBuffer load() {
        SampleRandom random = SeededSampleRandom.of(0, 0, index++);
        images.load(file, regions, processor, random, out.duplicate());
        return out;
    }

    /** Removes what was drawn. */
    @TearDown
    public void end() throws IOException {
        if (image.isEmpty()) {
            Files.delete(file);
        }
    }
}
