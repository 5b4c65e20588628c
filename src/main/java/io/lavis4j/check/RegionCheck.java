package io.lavis4j.check;

import io.lavis4j.image.Box;
import io.lavis4j.image.RegionHighlight;
import io.lavis4j.image.RegionMode;
import io.lavis4j.image.Regions;
import io.lavis4j.processor.ImageSize;
import org.jspecify.annotations.Nullable;

/**
 * A sample's regions against its image, by the rule that they are drawn by: {@link RegionHighlight#fits}.
 *
 * @param sample its name in messages
 * @param image file or key
 * @param regions as declared
 * @param size of the image
 */
record RegionCheck(String sample, String image, Regions regions, ImageSize size) {

    void run(Findings findings) {
        if (regions.mode() == RegionMode.NONE) {
            return;
        }
        boolean declared = regions.declaredWidth() > 0 && regions.declaredHeight() > 0;
        boolean fits = RegionHighlight.fits(regions, size.width(), size.height());
        if (!fits) {
            findings.add(
                    Kind.SIZE_MISMATCH,
                    () -> "%s: %s; its boxes are taken as pixels of the file".formatted(sample, sizes()));
        } else if (declared && (regions.declaredWidth() != size.width() || regions.declaredHeight() != size.height())) {
            findings.add(Kind.SIZE_SCALED, () -> "%s: %s".formatted(sample, sizes()));
        }
        var frame = declared && fits ? new ImageSize(regions.declaredWidth(), regions.declaredHeight()) : size;
        for (var box : regions.boxes()) {
            var kind = kind(box, frame);
            if (kind != null) {
                findings.add(
                        kind,
                        () -> "%s: left %d, top %d, width %d, height %d in an image of %d x %d"
                                .formatted(
                                        sample,
                                        box.left(),
                                        box.top(),
                                        box.width(),
                                        box.height(),
                                        frame.width(),
                                        frame.height()));
            }
        }
    }

    private String sizes() {
        return "%s has %d x %d pixels, declared are %d x %d"
                .formatted(image, size.width(), size.height(), regions.declaredWidth(), regions.declaredHeight());
    }

    private static @Nullable Kind kind(Box box, ImageSize frame) {
        long right = (long) box.left() + box.width(), bottom = (long) box.top() + box.height();
        if (box.width() <= 0 || box.height() <= 0) {
            return Kind.BOX_EMPTY;
        }
        if (box.isOutside(frame.width(), frame.height())) {
            return Kind.BOX_OUTSIDE;
        }
        boolean inside = box.left() >= 0 && box.top() >= 0 && right <= frame.width() && bottom <= frame.height();
        return inside ? null : Kind.BOX_BEYOND;
    }
}
