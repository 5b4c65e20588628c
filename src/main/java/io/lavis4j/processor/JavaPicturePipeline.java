package io.lavis4j.processor;

import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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

    private final Set<Path> misfits = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean saidExact = new AtomicBoolean();

    @Override
    public void load(Path file, Regions regions, ImageProcessor processor, Draws draws, FloatBuffer out) {
        if (processor instanceof PlannedProcessor planned
                && planned.fastDecode()
                && saidExact.compareAndSet(false, true)) {
            LOG.info("fast_decode has no effect: pictures are read in plain Java, which always decodes exactly");
        }
        var image = Pictures.read(file);
        if (regions.mode() != RegionMode.NONE
                && !RegionHighlight.fits(regions, image.width(), image.height())
                && misfits.add(file)) {
            LOG.warn(
                    "{}: has {} x {} pixels, declared are {} x {}; its boxes are taken as pixels of the file",
                    file,
                    image.width(),
                    image.height(),
                    regions.declaredWidth(),
                    regions.declaredHeight());
        }
        processor.process(RegionHighlight.draw(image, regions), draws, out);
    }
}
