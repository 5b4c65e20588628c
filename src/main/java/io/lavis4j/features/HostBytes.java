package io.lavis4j.features;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;

/** The memory of tensors as bytes. */
final class HostBytes {

    private HostBytes() {}

    /**
     * The bytes of a tensor in pieces, without a copy; they may be used as long as the tensor lives.
     *
     * @param tensor contiguous, on the CPU
     * @param size bytes of a piece; the last may have fewer
     */
    static List<ByteBuffer> pieces(Tensor tensor, int size) {
        var pieces = new ArrayList<ByteBuffer>();
        long length = tensor.nbytes();
        var memory = new BytePointer(tensor.data_ptr());
        for (long at = 0; at < length; at += size) {
            pieces.add(
                    memory.getPointer(at).capacity(Math.min(size, length - at)).asByteBuffer());
        }
        return pieces;
    }
}
