package io.lavis4j.features;

import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Tensors;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * The weights of a module in a few letters. Every byte counts: two checksums of each tensor, computed at the speed of
 * memory, then SHA-256 over all of them with names, shapes and types.
 */
final class WeightsDigest {

    private static final int PIECE = 1 << 24;

    private WeightsDigest() {}

    static Fingerprint of(Map<String, Tensor> weights) {
        var text = new StringBuilder();
        weights.forEach((name, tensor) -> {
            try (var scope = new PointerScope()) {
                var host =
                        tensor.detach().to(Devices.cpu(), Tensors.dtype(tensor)).contiguous();
                var first = new CRC32();
                var second = new CRC32C();
                for (var piece : HostBytes.pieces(host, PIECE)) {
                    first.update(piece.duplicate());
                    second.update(piece);
                }
                text.append("%s %s %s %08x %08x%n"
                        .formatted(
                                name,
                                Tensors.shape(tensor),
                                Tensors.dtype(tensor),
                                first.getValue(),
                                second.getValue()));
            }
        });
        return Fingerprint.of(text.toString());
    }
}
