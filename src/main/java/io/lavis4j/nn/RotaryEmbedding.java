package io.lavis4j.nn;

import static io.lavis4j.io.Arguments.require;
import static org.bytedeco.pytorch.global.torch.arange;
import static org.bytedeco.pytorch.global.torch.pow;

import io.lavis4j.tensor.Libtorch;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Rotary positions (arXiv:2104.09864, section 3.2): pairs of a head's components turn by angles that grow with the
 * position, so that scores depend on distances alone. A pair is component j and component j + d/2, as in LLaMA.
 *
 * @param width components of a head, d, even
 * @param theta base of the frequencies, theta^(-2j/d)
 */
public record RotaryEmbedding(int width, double theta) {

    static {
        Libtorch.load();
    }

    public RotaryEmbedding {
        require(width >= 2 && width % 2 == 0, "expected an even width of heads to rotate, got %s", width);
    }

    /**
     * The rotation of tokens at some positions.
     *
     * @param cos (B, 1, T, d/2)
     * @param sin (B, 1, T, d/2)
     */
    public record Rotation(Tensor cos, Tensor sin) {

        /**
         * Turns queries or keys.
         *
         * @param x (B, H, T, d)
         * @return (B, H, T, d)
         */
        public Tensor of(Tensor x) {
            long half = x.size(3) / 2;
            var a = x.narrow(3, 0, half); // (B, H, T, d/2)
            var b = x.narrow(3, half, half);
            return Tensors.cat(3, a.mul(cos).sub(b.mul(sin)), b.mul(cos).add(a.mul(sin))); // (B, H, T, d)
        }
    }

    /**
     * Angles in float32, their cosines and sines in {@code dtype}.
     *
     * @param positions (B, T), int64; any numbers
     * @param dtype of the queries and keys
     */
    public Rotation at(Tensor positions, ScalarType dtype) {
        var frequencies = inverseFrequencies(positions.device()); // (d/2)
        var angles = positions.to(ScalarType.Float).unsqueeze(1).unsqueeze(3).mul(frequencies); // (B, 1, T, d/2)
        return new Rotation(angles.cos().to(dtype), angles.sin().to(dtype));
    }

    /** The angle by which a pair turns from one position to the next, (d/2), float32. */
    public Tensor inverseFrequencies(Device device) {
        var options = Tensors.options(device, ScalarType.Float);
        var exponents = arange(Tensors.scalar(0), Tensors.scalar(width), Tensors.scalar(2), options)
                .div(Tensors.scalar(width)); // (d/2)
        return pow(Tensors.scalar(theta), exponents).reciprocal();
    }
}
