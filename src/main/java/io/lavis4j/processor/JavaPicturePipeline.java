package io.lavis4j.processor;

import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The pipeline in plain Java, step by step; what others must equal. Runs anywhere. */
public final class JavaPicturePipeline implements PicturePipeline {

    private static final Logger LOG = LoggerFactory.getLogger(JavaPicturePipeline.class);

    private final Set<Path> misfits = ConcurrentHashMap.newKeySet();

    @Override
    public void load(Path file, Regions regions, ImageProcessor processor, Draws draws, FloatBuffer out) {
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
