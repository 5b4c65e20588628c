package io.lavis4j.bench;

import io.lavis4j.config.Section;
import io.lavis4j.image.Box;
import io.lavis4j.image.RegionMode;
import io.lavis4j.image.Regions;
import io.lavis4j.processor.Draws;
import io.lavis4j.processor.ImageProcessors;
import io.lavis4j.processor.JavaPicturePipeline;
import io.lavis4j.processor.PicturePipeline;
import io.lavis4j.processor.PicturePipelines;
import io.lavis4j.processor.PlannedProcessor;
import io.lavis4j.processor.SeededDraws;
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
 * From a picture's file to its place in a batch. Samples per second of all threads together; JMH's {@code -t 2} shows
 * how threads scale.
 */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up method before any other
public class PictureBenchmark {

    /** The pipeline: native or java. */
    @Param({"native", "java"})
    String pipeline;

    /** What is made of a picture: a training sample of 364 pixels or one of 224 for evaluation. */
    @Param({"train", "eval"})
    String sample;

    /** JPEG decoding: exact or fast. */
    @Param({"exact", "fast"})
    String decode;

    /** A file of your own; empty for a drawn JPEG of 1920 x 1080 pixels and 250 to 400 kB. */
    @Param({""})
    String picture;

    private final Regions regions = new Regions(List.of(new Box(300, 200, 700, 500)), 0, 0, RegionMode.HIGHLIGHT);

    private Path file;
    private PicturePipeline pictures;
    private PlannedProcessor processor;
    private FloatBuffer out;
    private long index;

    /** Draws the picture if none is given. */
    @Setup
    public void begin() throws IOException {
        file = picture.isEmpty() ? DrawnPhotograph.write() : Path.of(picture);
        pictures = switch (pipeline) {
            case "native" -> PicturePipelines.best();
            case "java" -> new JavaPicturePipeline();
            default ->
                throw new IllegalArgumentException("unknown pipeline \"" + pipeline + "\", expected native or java");
        };
        boolean train = sample.equals("train");
        var section = Section.root(Map.of(
                "name", train ? "blip2_image_train" : "blip_image_eval",
                "image_size", train ? 364 : 224,
                "fast_decode", decode.equals("fast")));
        processor = Objects.requireNonNull(ImageProcessors.read(section));
        section.requireValid();
        int numbers = 3 * processor.imageSize() * processor.imageSize();
        out = ByteBuffer.allocateDirect(numbers * Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    /** One sample; each has a crop of its own. */
    @Benchmark
    public FloatBuffer load() {
        Draws draws = SeededDraws.of(0, 0, index++);
        pictures.load(file, regions, processor, draws, out.duplicate());
        return out;
    }

    /** Removes what was drawn. */
    @TearDown
    public void end() throws IOException {
        if (picture.isEmpty()) {
            Files.delete(file);
        }
    }
}
