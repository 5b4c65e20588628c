package io.lavis4j.checkpoint;

import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;

/** The memory of a contiguous CPU tensor, in pieces and without a copy. */
final class TensorBytes {
    private static final int PIECE = 1 << 24;

    interface Sink {
        void accept(ByteBuffer piece) throws IOException;
    }

    private TensorBytes() {}

    /** Feeds the tensor's bytes to {@code sink} as direct buffers of at most 16 MiB. */
    static void stream(Tensor tensor, Sink sink) throws IOException {
        long length = tensor.nbytes();
        try (var memory = new BytePointer(tensor.data_ptr())) {
            for (long at = 0; at < length; at += PIECE) {
                memory.position(at).limit(Math.min(length, at + PIECE));
                sink.accept(memory.asByteBuffer());
            }
        } finally {
            Reference.reachabilityFence(tensor);
        }
    }
}
