package io.lavis4j.bench;

import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.global.torch;

/** A forward pass whose graph waits for one backward pass; owns the scope of both, on the thread that made it. */
final class Recorded implements AutoCloseable {

    private final PointerScope scope = new PointerScope();
    private final Tensor output;
    private final Tensor gradient;

    Recorded(Supplier<Tensor> forward) {
        output = forward.get();
        gradient = torch.randn_like(output);
        Setting.await(output);
    }

    void backward() {
        output.backward(gradient, new BoolOptional(), false, new TensorArrayRefOptional());
        Setting.await(output);
    }

    @Override
    public void close() {
        scope.close();
    }
}
