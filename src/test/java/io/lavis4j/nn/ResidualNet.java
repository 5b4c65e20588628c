package io.lavis4j.nn;

import static io.lavis4j.nn.Dropout.dropout;

import io.lavis4j.tensor.Activation;
import io.lavis4j.tensor.GradientCheckpoint;
import io.lavis4j.tensor.Scopes;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Residual blocks with dropout, recomputed or not. */
final class ResidualNet extends Module {

    static final int WIDTH = 8;
    static final int DEPTH = 3;

    private static final double DROPOUT = 0.3;

    final List<Block> blocks = new ArrayList<>();

    @Nullable
    GradientCheckpoint checkpoint;

    ResidualNet() {
        for (int i = 0; i < DEPTH; i++) {
            blocks.add(child("blocks." + i, new Block()));
        }
    }

    List<Tensor> outputs(Tensor x) {
        var outputs = new ArrayList<Tensor>();
        for (var block : blocks) {
            var h = outputs.isEmpty() ? x : outputs.get(outputs.size() - 1);
            outputs.add(Scopes.keep(() ->
                    checkpoint == null ? block.forward(h) : checkpoint.run(block.isTrained(), block::forward, h)));
        }
        return outputs;
    }

    Tensor forward(Tensor x) {
        return outputs(x).get(DEPTH - 1);
    }

    int calls() {
        return blocks.stream().mapToInt(block -> block.calls).sum();
    }

    void backward(Tensor loss) {
        if (checkpoint == null) {
            loss.backward();
        } else {
            checkpoint.backward(loss);
        }
    }

    @Override
    public void initialize() {
        blocks.forEach(block -> {
            block.fc1.initialize();
            block.fc2.initialize();
        });
    }

    static final class Block extends Module {

        private final Linear fc1 = child("fc1", new Linear(WIDTH, 2 * WIDTH, true));
        final Linear fc2 = child("fc2", new Linear(2 * WIDTH, WIDTH, true));
        int calls;
        int failing;

        Tensor forward(Tensor x) {
            if (++calls == failing) {
                throw new IllegalArgumentException("call " + calls);
            }
            return x.add(dropout(fc2.forwardLast(fc1.forward(x, Activation.GELU)), DROPOUT, isTraining()));
        }
    }
}
