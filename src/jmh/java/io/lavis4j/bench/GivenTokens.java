package io.lavis4j.bench;

import io.lavis4j.model.VisionEncoder;
import io.lavis4j.model.VisionEncoderConfig;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.GradientCheckpoint;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A vision encoder that has seen the images before: it gives the same image tokens for whatever it is shown, as a
 * training run with cached vision features does from its second epoch.
 *
 * @param shape of the encoder that made the tokens
 * @param tokens (B, N, D); the caller closes them
 */
record GivenTokens(VisionEncoderConfig shape, Tensor tokens) implements VisionEncoderConfig {

    @Override
    public VisionEncoder create() {
        return new Encoder(shape.create(), tokens);
    }

    @Override
    public int imageSize() {
        return shape.imageSize();
    }

    @Override
    public int patchSize() {
        return shape.patchSize();
    }

    @Override
    public int numFeatures() {
        return shape.numFeatures();
    }

    /** The encoder; its parameters are those of the one that is not run. */
    private record Encoder(VisionEncoder unused, Tensor tokens) implements VisionEncoder {

        @Override
        public Tensor forward(Tensor image) {
            return tokens.alias();
        }

        @Override
        public int numFeatures() {
            return unused.numFeatures();
        }

        @Override
        public int imageSize() {
            return unused.imageSize();
        }

        @Override
        public int getNumLayer(String name) {
            return unused.getNumLayer(name);
        }

        @Override
        public int getNumLayer() {
            return unused.getNumLayer();
        }

        @Override
        public void useGradientCheckpoint(@Nullable GradientCheckpoint checkpoint) {
            unused.useGradientCheckpoint(checkpoint);
        }

        @Override
        public void initialize() {
            unused.initialize();
        }

        @Override
        public Module module() {
            return unused.module();
        }
    }
}
