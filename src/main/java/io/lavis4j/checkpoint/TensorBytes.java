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
                long bytes = Math.min(PIECE, length - at);
                var piece = memory.getPointer(at).capacity(bytes).asByteBuffer(); // positions would end at 2^31
                if (piece.remaining() != bytes) {
                    throw new IllegalStateException("expected %d bytes, got %d".formatted(bytes, piece.remaining()));
                }
                sink.accept(piece);
            }
        } finally {
            Reference.reachabilityFence(tensor);
        }
    }
}
