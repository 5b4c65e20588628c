package io.lavis4j.model;

/** Shape of a vision encoder. */
public interface VisionEncoderConfig {

    /** An encoder of this shape with unset parameters. */
    VisionEncoder create();

    /** Side of the square images, in pixels. */
    int imageSize();

    /** Width of the output, D. */
    int numFeatures();
}
