package io.lavis4j.processor;

import io.lavis4j.image.Pictures;
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
public final class JavaPicturePipeline implements PicturePipeline {

    private static final Logger LOG = LoggerFactory.getLogger(JavaPicturePipeline.class);

    private final Misfits misfits = new Misfits();
    private final AtomicBoolean saidExact = new AtomicBoolean();

    @Override
    public void load(Path file, Regions regions, ImageProcessor processor, Draws draws, PixelBuffer out) {
        load(Pictures.read(file), file.toString(), regions, processor, draws, out);
    }

    @Override
    public void load(
            byte[] content, String name, Regions regions, ImageProcessor processor, Draws draws, PixelBuffer out) {
        load(Pictures.decode(content, name), name, regions, processor, draws, out);
    }

    private void load(
            RgbImage image, String name, Regions regions, ImageProcessor processor, Draws draws, PixelBuffer out) {
        if (processor instanceof PlannedProcessor planned
                && planned.fastDecode()
                && saidExact.compareAndSet(false, true)) {
            LOG.info("fast_decode has no effect: pictures are read in plain Java, which always decodes exactly");
        }
        out.requireRoom(processor.imageSize());
        misfits.note(name, regions, image.width(), image.height());
        var drawn = RegionHighlight.draw(image, regions);
        if (out.memory() instanceof FloatBuffer floats) {
            processor.process(drawn, draws, floats);
            return;
        }
        var numbers = FloatBuffer.allocate(3 * processor.imageSize() * processor.imageSize());
        processor.process(drawn, draws, numbers);
        out.put(numbers.array());
    }
}
