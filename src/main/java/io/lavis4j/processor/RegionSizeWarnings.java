package io.lavis4j.processor;

import io.lavis4j.image.RegionHighlight;
import io.lavis4j.image.RegionMode;
import io.lavis4j.image.Regions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says once of each file that its regions are declared for an image of other proportions. */
final class RegionSizeWarnings {

    private static final Logger LOG = LoggerFactory.getLogger(RegionSizeWarnings.class);

    private final Set<String> said = ConcurrentHashMap.newKeySet();

    /** A warning if there is anything to say. */
    void note(String file, Regions regions, int width, int height) {
        if (regions.mode() != RegionMode.NONE && !RegionHighlight.fits(regions, width, height) && said.add(file)) {
            LOG.warn(
                    "{}: has {} x {} pixels, declared are {} x {}; its boxes are taken as pixels of the file",
                    file,
                    width,
                    height,
                    regions.declaredWidth(),
                    regions.declaredHeight());
        }
    }
}
