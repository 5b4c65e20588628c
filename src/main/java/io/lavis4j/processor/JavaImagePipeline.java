package io.lavis4j.processor;

import io.lavis4j.image.ImageDecoder;
import io.lavis4j.image.RegionHighlight;
import io.lavis4j.image.Regions;
import io.lavis4j.image.RgbImage;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pipeline in plain Java, step by step; what others must equal. Runs anywhere.
 *
 * <p>The JDK cannot decode at a smaller size, so {@link PlannedProcessor#fastDecode()} changes nothing here.
 */
public final class JavaImagePipeline implements ImagePipeline {

    private static final Logger LOG = LoggerFactory.getLogger(JavaImagePipeline.class);

    private final RegionSizeWarnings misfits = new RegionSizeWarnings();
    private final AtomicBoolean saidExact = new AtomicBoolean();

    @Override
    public void load(Path file, Regions regions, ImageProcessor processor, SampleRandom random, PixelBuffer out) {
        load(ImageDecoder.read(file), file.toString(), regions, processor, random, out);
    }

    @Override
    public void load(
            byte[] content,
            String name,
            Regions regions,
            ImageProcessor processor,
            SampleRandom random,
            PixelBuffer out) {
        load(ImageDecoder.decode(content, name), name, regions, processor, random, out);
    }

    private void load(
            RgbImage image,
            String name,
            Regions regions,
            ImageProcessor processor,
            SampleRandom random,
            PixelBuffer out) {
        if (processor instanceof PlannedProcessor planned
                && planned.fastDecode()
                && saidExact.compareAndSet(false, true)) {
            LOG.info(
                    "{}: fast_decode has no effect on this and other images that plain Java reads, which always decodes"
                            + " exactly",
                    name);
        }
        out.requireRoom(processor.imageSize());
        misfits.note(name, regions, image.width(), image.height());
        var drawn = RegionHighlight.draw(image, regions);
        if (out.memory() instanceof FloatBuffer floats) {
            processor.process(drawn, random, floats);
            return;
        }
        var numbers = FloatBuffer.allocate(3 * processor.imageSize() * processor.imageSize());
        processor.process(drawn, random, numbers);
        out.put(numbers.array());
    }
}
