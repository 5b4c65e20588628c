package io.lavis4j.model;

import org.bytedeco.pytorch.Tensor;

/** A model that learns from what its vision encoder makes of images as from the images. */
public interface FeatureLearner extends TrainableModel {

    /**
     * What may stand wherever this model takes images.
     *
     * @param image (B, 3, S, S), float32
     * @return (B, N+1, D), the vision encoder's output; the caller's scope owns it
     */
    Tensor visionFeatures(Tensor image);
}
