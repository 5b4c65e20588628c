package io.lavis4j.features;

import io.lavis4j.model.FeatureLearner;
import io.lavis4j.model.Texts;
import io.lavis4j.model.VisionEncoder;
import io.lavis4j.model.evavit.EvaVit;
import io.lavis4j.model.evavit.EvaVitConfig;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A frozen vision encoder of one block, which notes how many images it is given. */
final class TinyEncoder extends Module implements FeatureLearner {

    static final int SIZE = 28;
    static final int TOKENS = 5;
    static final int WIDTH = 16;

    final List<Long> batches = new ArrayList<>();
    double noise; // added to features, as another place in a batch changes last digits
    final List<Float> firstPixels = new ArrayList<>(); // of the last batch's images
    private final EvaVit encoder =
            child("visual_encoder", new EvaVit(new EvaVitConfig(SIZE, 14, WIDTH, 1, 2, 2 * WIDTH, 0, 1e-6)));

    TinyEncoder(int seed) {
        RandomState.seed(seed);
        encoder.initialize();
        encoder.freeze();
    }

    @Override
    public Tensor visionFeatures(Tensor image) {
        batches.add(image.size(0));
        firstPixels.clear();
        for (float pixel : Tensors.floats(image.flatten(1, 3).select(1, 1))) {
            firstPixels.add(pixel);
        }
        return encoder.forward(image).add(Tensors.scalar(noise));
    }

    @Override
    public Prepared prepare(Texts texts) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Precision precision() {
        return Precision.FP32;
    }

    @Override
    public void backward(Tensor loss) {
        throw new UnsupportedOperationException();
    }

    @Override
    public VisionEncoder visualEncoder() {
        return encoder;
    }

    @Override
    public Module module() {
        return this;
    }

    @Override
    public void initializeUnset() {}
}
