package io.lavis4j.image;

import java.util.List;

/**
 * The regions of a sample, as its record declares them.
 *
 * @param boxes in pixels of an image of the declared size; later ones are drawn over earlier ones
 * @param declaredWidth pixels; 0 if the boxes are in the file's own pixels
 * @param declaredHeight pixels; 0 if the boxes are in the file's own pixels
 * @param mode how they appear
 */
public record Regions(List<Box> boxes, int declaredWidth, int declaredHeight, RegionMode mode) {

    /** No region: the whole image is meant. */
    public static final Regions NONE = new Regions(List.of(), 0, 0, RegionMode.NONE);

    public Regions {
        boxes = List.copyOf(boxes);
    }
}
