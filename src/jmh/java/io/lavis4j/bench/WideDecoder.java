package io.lavis4j.bench;

import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.generate.Decoder;
import io.lavis4j.io.JsonFile;
import io.lavis4j.model.opt.Opt;
import io.lavis4j.model.opt.OptConfig;
import io.lavis4j.model.opt.OptWeights;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Tensors;
import java.nio.file.Path;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** One row through an OPT in a folder, a token at a time. */
final class WideDecoder implements AutoCloseable {

    private static final long PREFIX = 32;
    private static final long TOKEN = 5;
    private static final int WRITTEN = 60; // tokens; then it begins again, as keys and values are no weights

    private final Opt opt;
    private Decoder decoder;
    private int written;

    /** @param dtype of the layers' weights */
    WideDecoder(Path folder, ScalarType dtype) {
        opt = new Opt(OptConfig.of(
                JsonFile.of(folder.resolve("config.json"), "the shape of OPT").object()));
        opt.requiresGrad(false);
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            opt.load(OptWeights.fit(Checkpoints.stateDict(folder))).requireComplete(folder.toString());
            if (dtype != ScalarType.Float) {
                opt.storeWeights(dtype);
            }
            opt.eval();
            decoder = started();
        }
    }

    private Decoder started() {
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            var ids = Tensors.range(TOKEN, TOKEN + PREFIX, Devices.cpu()).unsqueeze(0); // (1, P)
            var begun = opt.decoder(opt.embed(ids), null);
            begun.prefill();
            return begun;
        }
    }

    /** The logits after one more token, (1, V), of the caller's scope. */
    Tensor step() {
        if (written++ == WRITTEN) {
            decoder.close();
            decoder = started();
            written = 1;
        }
        try (var noGrad = new NoGradGuard()) {
            return decoder.step(new long[] {TOKEN});
        }
    }

    @Override
    public void close() {
        decoder.close();
        opt.close();
    }
}
