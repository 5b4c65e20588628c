package io.lavis4j.processor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.Tensors;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.ShortPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PixelBufferTest {

    private static final Path IMAGE = Path.of("src/test/resources/images/damaged_scan.jpg");

    private static short[] bits(Tensor tensor) {
        short[] bits = new short[Math.toIntExact(tensor.numel())];
        new ShortPointer(tensor.data_ptr()).get(bits);
        return bits;
    }

    /** Of every size, with those in the middle between two of 16 bits, and their neighbours. */
    private static float[] numbers() {
        var random = new Random(1);
        float[] numbers = new float[1 << 18];
        for (int i = 0; i < numbers.length; i++) {
            int bits = random.nextInt();
            numbers[i] = switch (i % 5) {
                case 0 -> Float.intBitsToFloat(bits);
                case 1 -> Float.intBitsToFloat((bits & 0xffff0000) + 0x8000 + random.nextInt(3) - 1);
                case 2 -> Float.intBitsToFloat(((bits & 0x8fffe000) | 0x38000000) + 0x1000 + random.nextInt(3) - 1);
                case 3 -> (random.nextInt(4097) - 2048) * 0x1p-25f + (random.nextInt(3) - 1) * 0x1p-40f;
                default -> 65500 + random.nextInt(40);
            };
        }
        return numbers;
    }

    @ParameterizedTest
    @EnumSource(names = {"FP16", "BF16"})
    void numbersAreRoundedAsByLibtorch(Precision precision) {
        float[] numbers = numbers();
        short[] actual = PixelBuffer.rounded(numbers, precision);
        try (var scope = new PointerScope()) {
            var tensor =
                    torch.empty(new long[] {numbers.length}, Tensors.options(Devices.cpu(), ScalarType.Float), null);
            tensor.data_ptr_float().put(numbers);
            short[] expected = bits(tensor.to(precision.dtype()));
            for (int i = 0; i < numbers.length; i++) {
                if (!Float.isNaN(numbers[i])) {
                    assertThat(actual[i])
                            .as("%s, bits %08x", numbers[i], Float.floatToRawIntBits(numbers[i]))
                            .isEqualTo(expected[i]);
                }
            }
        }
        float[] rest = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, -0f};
        boolean half = precision == Precision.FP16;
        assertThat(PixelBuffer.rounded(rest, precision))
                .containsExactly(half ? 0x7e00 : 0x7fc0, half ? 0x7c00 : 0x7f80, half ? 0xfc00 : 0xff80, 0x8000);
    }

    private static Tensor zeros(int images, Precision precision) {
        return torch.zeros(new long[] {images, 3, 20, 20}, Tensors.options(Devices.cpu(), precision.dtype()));
    }

    @ParameterizedTest
    @EnumSource
    void aBatchIsFilledInItsOwnPrecision(Precision precision) {
        var processor = ImageProcessors.blip2ImageTrain(20);
        for (var path : ImagePath.values()) {
            try (var scope = new PointerScope()) {
                var batch = zeros(3, precision);
                var place = PixelBuffer.places(batch).get(1);
                path.pipeline()
                        .load(
                                IMAGE,
                                ImagePath.NO_REGIONS,
                                processor,
                                SeededSampleRandom.of(1, 0, 0),
                                place.duplicate());
                assertThat(place.memory().remaining()).isEqualTo(1200);
                path.pipeline().load(IMAGE, ImagePath.NO_REGIONS, processor, SeededSampleRandom.of(1, 0, 0), place);
                assertThat(place.memory().hasRemaining()).isFalse();

                var single = zeros(1, Precision.FP32);
                new JavaImagePipeline()
                        .load(
                                IMAGE,
                                ImagePath.NO_REGIONS,
                                processor,
                                SeededSampleRandom.of(1, 0, 0),
                                PixelBuffer.places(single).get(0));
                assertThat(torch.equal(batch.get(1), single.get(0).to(precision.dtype())))
                        .as("%s, %s", path, precision)
                        .isTrue();
                assertThat(batch.get(0).count_nonzero().item_long()
                                + batch.get(2).count_nonzero().item_long())
                        .isZero();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FP16", "BF16"})
    void memoryOnTheHeapIsFilledToo(Precision precision) {
        var processor = ImageProcessors.blipImageEval(8);
        var direct = PixelBuffer.direct(200, precision);
        direct.memory().position(3);
        ImagePath.JAVA.pipeline().load(IMAGE, ImagePath.NO_REGIONS, processor, new NoSampleRandom(), direct);
        for (var path : ImagePath.values()) {
            var heap = ShortBuffer.allocate(200).position(3);
            path.pipeline()
                    .load(
                            IMAGE,
                            ImagePath.NO_REGIONS,
                            processor,
                            new NoSampleRandom(),
                            new PixelBuffer(heap, precision));
            assertThat(heap.position()).isEqualTo(195);
            assertThat(heap.rewind()).isEqualTo(direct.memory().rewind());
        }
    }

    @Test
    void memoryThatDoesNotFitIsRefused() {
        assertThatThrownBy(() -> new PixelBuffer(FloatBuffer.allocate(1), Precision.BF16))
                .hasMessageContaining("expected a ShortBuffer for bf16, got a HeapFloatBuffer");
        assertThatThrownBy(() -> new PixelBuffer(ShortBuffer.allocate(1), Precision.FP32))
                .hasMessageContaining("expected a FloatBuffer for fp32, got a HeapShortBuffer");
        for (var path : ImagePath.values()) {
            var small = new PixelBuffer(ShortBuffer.allocate(191), Precision.FP16);
            assertThatThrownBy(() -> path.pipeline()
                            .load(
                                    IMAGE,
                                    ImagePath.NO_REGIONS,
                                    ImageProcessors.blipImageEval(8),
                                    new NoSampleRandom(),
                                    small))
                    .hasMessage("expected room for 192 numbers (3 x 8 x 8), got 191");
        }
        try (var scope = new PointerScope()) {
            var options = Tensors.options(Devices.cpu(), ScalarType.Float);
            for (long[] shape : List.of(new long[] {3, 8, 8}, new long[] {2, 4, 8, 8})) {
                assertThatThrownBy(() -> PixelBuffer.places(torch.empty(shape, options, null)))
                        .hasMessageContaining("expected a contiguous batch (B, 3, S, S) on the CPU, got (");
            }
            assertThatThrownBy(() -> PixelBuffer.places(torch.empty(
                            new long[] {2, 3, 8, 8}, Tensors.options(Devices.cpu(), ScalarType.Double), null)))
                    .hasMessageContaining("fp32, fp16 or bf16, got Double");
            assertThat(PixelBuffer.places(torch.empty(new long[] {0, 3, 8, 8}, options, null)))
                    .isEmpty();
        }
    }
}
