package io.lavis4j.nn;

import io.lavis4j.tensor.GradientCheckpoint;

/** The same of blocks whose products before activations are kept. */
class SelectiveGradientCheckpointTest extends GradientCheckpointTest {

    @Override
    GradientCheckpoint.Granularity granularity() {
        return GradientCheckpoint.Granularity.SELECTIVE;
    }
}
