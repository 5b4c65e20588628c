package io.lavis4j.image;

/** How the regions of a sample appear in its image; the names in lower case are the values of {@code region_mode}. */
public enum RegionMode {
    /** Pink veil and green frame, as the authors of Sherlock draw them. */
    HIGHLIGHT,
    /** The image as it is. */
    NONE,
    /** Regions are covered in grey #7B7575. */
    HIDE,
    /** All but the regions is black. */
    BLACKOUT
}
