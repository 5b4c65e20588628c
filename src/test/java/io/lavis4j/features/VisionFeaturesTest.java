package io.lavis4j.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.features.FeatureCacheConfig.Place;
import io.lavis4j.fixture.SteadyRows;
import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.image.Regions;
import io.lavis4j.processor.ImageProcessor;
import io.lavis4j.processor.ImageProcessors;
import io.lavis4j.processor.PixelBuffer;
import io.lavis4j.processor.SeededSampleRandom;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

@ExtendWith(LibtorchFirst.class)
class VisionFeaturesTest {

    private static final ImageProcessor WHOLE = ImageProcessors.blipImageEval(TinyEncoder.SIZE);
    private static final ImageProcessor CROP = ImageProcessors.blip2ImageTrain(TinyEncoder.SIZE);
    private static final int INFINITE = -1; // an image
    private static final int EMPTY = 1; // batches that opening encodes

    @TempDir
    Path folder = Path.of("");

    private final TinyEncoder model = new TinyEncoder(1);
    private final List<Double> drawn = new ArrayList<>();

    @AfterEach
    void close() {
        model.close();
    }

    private VisionFeatures open(Place place, @Nullable Integer views, @Nullable FeatureType type) {
        return open(place, views, type, model);
    }

    private VisionFeatures open(Place place, @Nullable Integer views, @Nullable FeatureType type, TinyEncoder encoder) {
        return VisionFeatures.open(
                new FeatureCacheConfig(place, views, type, null), encoder, Precision.FP32, 42, folder);
    }

    /** The features of images by their numbers; their pixels are made of number and draws. */
    private float[] see(VisionFeatures features, ImageProcessor processor, int epoch, int... images) {
        try (var scope = new PointerScope()) {
            var pixels = torch.full(
                    new long[] {images.length, 3, TinyEncoder.SIZE, TinyEncoder.SIZE}, Tensors.scalar(Double.NaN));
            try (var kept = new KeptFeatures(features, PixelBuffer.places(pixels), false)) {
                for (int i = 0; i < images.length; i++) {
                    int place = i;
                    var draws = SeededSampleRandom.of(42, epoch, images[i]);
                    kept.places().get(i).fill(view(images[i], processor), epoch, draws, (random, out) -> {
                        double number = processor.isRandom() ? random.uniform(0, 1) : 0;
                        drawn.add(number);
                        pixels.select(0, place).copy_(pixels(images[place] + number));
                    });
                }
                kept.take(UnaryOperator.identity());
                return Tensors.floats(features.of(pixels, kept));
            }
        }
    }

    private static Tensor pixels(double number) {
        long S = TinyEncoder.SIZE;
        var steps = Tensors.range(0, 3 * S * S, Devices.cpu()).to(ScalarType.Float);
        return steps.mul(Tensors.scalar(number < 0 ? Double.POSITIVE_INFINITY : 0.01 * (number + 1)))
                .sin()
                .view(3, S, S);
    }

    private View view(int image, ImageProcessor processor) {
        var file = folder.resolve(image + ".jpg");
        try {
            if (!Files.exists(file)) {
                Files.writeString(file, "image " + image);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new View(file, 0, Regions.NONE, processor);
    }

    /** What the encoder makes of images without anything kept. */
    private float[] encoded(int... images) {
        try (var scope = new PointerScope()) {
            var all = new Tensor[images.length];
            for (int i = 0; i < all.length; i++) {
                all[i] = pixels(images[i]).unsqueeze(0);
            }
            return Tensors.floats(model.visualEncoder().forward(Tensors.cat(0, all)));
        }
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "OFF")
    void whatIsKeptIsWhatTheEncoderMakes(Place place) {
        SteadyRows.assume();
        try (var features = open(place, null, null)) {
            float[] first = see(features, WHOLE, 0, 1, 2, 3, 4);
            assertThat(first).isEqualTo(encoded(1, 2, 3, 4));
            assertThat(see(features, WHOLE, 1, 4, 2, 1, 3)).isEqualTo(encoded(4, 2, 1, 3));
            assertThat(model.batches)
                    .as("the second epoch leaves the encoder out")
                    .hasSize(EMPTY + 1);
            assertThat(drawn).as("and the images").hasSize(4);
        }
    }

    @Test
    void theEncoderSeesAsManyImagesWhateverIsMissing() {
        SteadyRows.assume();
        try (var features = open(Place.MEMORY, null, null)) {
            see(features, WHOLE, 0, 1, 2, 3, 4);
            assertThat(see(features, WHOLE, 0, 5, 1, 6, 2)).isEqualTo(encoded(5, 1, 6, 2));
            assertThat(model.batches).containsExactly(1L, 4L, 4L);
        }
    }

    @Test
    void theEncoderSeesAnImageAtItsPlaceWhateverIsMissing() {
        try (var features = open(Place.MEMORY, null, null)) {
            see(features, WHOLE, 0, 1, 2);
            see(features, WHOLE, 0, 1, 5, 2, 6);
            var seen = model.firstPixels;
            assertThat(seen.get(3)).as("image 6").isNotEqualTo(seen.get(1));
            assertThat(seen).containsExactly(seen.get(1), seen.get(1), seen.get(1), seen.get(3));
        }
    }

    @Test
    void whatWasKeptSinceABatchWasLoadedIsSeenAndNotWhatIsMadeAgain() {
        try (var features = open(Place.MEMORY, null, null);
                var scope = new PointerScope()) {
            var pixels = pixels(1).unsqueeze(0);
            try (var early = new KeptFeatures(features, PixelBuffer.places(pixels), false)) {
                early.places().get(0).fill(view(1, WHOLE), 0, SeededSampleRandom.of(42, 0, 1), (random, out) -> {});
                early.take(UnaryOperator.identity());
                float[] first = see(features, WHOLE, 0, 1);
                model.noise = 1;
                assertThat(Tensors.floats(features.of(pixels, early))).isEqualTo(first);
            }
        }
    }

    @Test
    void anImageThatIsTwiceInABatchIsKeptOnce() {
        try (var features = open(Place.MEMORY, null, null)) {
            assertThat(see(features, WHOLE, 0, 1, 1)).isEqualTo(encoded(1, 1));
            assertThat(see(features, WHOLE, 1, 1, 1)).isEqualTo(encoded(1, 1));
            assertThat(model.batches).hasSize(EMPTY + 1);
        }
    }

    @Test
    void aLaterRunOfTheSameEncoderUsesWhatIsOnDisk() {
        float[] first;
        try (var features = open(Place.DISK, null, null)) {
            first = see(features, WHOLE, 0, 1, 2);
        }
        try (var features = open(Place.DISK, null, null)) {
            model.batches.clear();
            assertThat(see(features, WHOLE, 0, 2, 1)).isEqualTo(encoded(2, 1)).hasSameSizeAs(first);
            assertThat(model.batches).isEmpty();
        }
    }

    @Test
    void anEncoderOfOtherWeightsOrAnotherTypeUsesNothingOfIt() {
        try (var features = open(Place.DISK, null, null)) {
            see(features, WHOLE, 0, 1, 2);
        }
        try (var other = new TinyEncoder(2);
                var features = open(Place.DISK, null, null, other)) {
            see(features, WHOLE, 0, 1, 2);
            assertThat(other.batches).hasSize(EMPTY + 1);
        }
        model.batches.clear();
        try (var features = open(Place.DISK, null, FeatureType.INT8)) {
            see(features, WHOLE, 0, 1, 2);
            assertThat(model.batches).hasSize(EMPTY + 1);
        }
    }

    @Test
    void theFirstEpochTrainsOnWhatIsKeptToo() {
        try (var features = open(Place.MEMORY, null, FeatureType.INT8)) {
            float[] first = see(features, WHOLE, 0, 1, 2);
            assertThat(first).isNotEqualTo(encoded(1, 2));
            assertThat(see(features, WHOLE, 1, 1, 2)).isEqualTo(first);
        }
    }

    @Test
    void viewsComeAgainAfterAsManyEpochsAsThereAreViews() {
        try (var features = open(Place.MEMORY, 2, null)) {
            float[] first = see(features, CROP, 0, 1, 2);
            assertThat(see(features, CROP, 1, 1, 2)).isNotEqualTo(first);
            assertThat(see(features, CROP, 2, 1, 2)).isEqualTo(first);
            see(features, CROP, 3, 1, 2);
            assertThat(model.batches).hasSize(EMPTY + 2);
            assertThat(drawn).doesNotHaveDuplicates().hasSize(4);
        }
    }

    @Test
    void aProcessorThatDrawsNeedsANumberOfViews() {
        try (var features = open(Place.MEMORY, null, null)) {
            assertThatThrownBy(() -> see(features, CROP, 0, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("RandomCrop", "set run.cache_vision_views to the number of views");
        }
    }

    @Test
    void featuresThatAreNotFiniteAreNotKept() {
        try (var features = open(Place.MEMORY, null, null)) {
            assertThat(see(features, WHOLE, 0, 1, INFINITE)).contains(Float.NaN);
            assertThat(see(features, WHOLE, 1, 1, INFINITE)).contains(Float.NaN);
            assertThat(drawn).as("the image is looked at again").hasSize(3);
            assertThat(see(features, WHOLE, 2, 1)).isEqualTo(encoded(1));
            assertThat(model.batches).containsExactly(1L, 2L, 2L);
        }
    }

    @Test
    void memoryStaysTheSameWhereAllIsKept() {
        try (var features = open(Place.MEMORY, null, null)) {
            see(features, WHOLE, 0, 1, 2, 3);
            see(features, WHOLE, 1, 1, 2, 3);
            long after = Pointer.totalCount();
            see(features, WHOLE, 2, 1, 2, 3);
            assertThat(Pointer.totalCount()).isEqualTo(after);
        }
    }

    @Test
    void aFolderSaysWhatItIsOf() throws IOException {
        try (var features = open(Place.DISK, null, null);
                var folders = Files.list(folder)) {
            var own = folders.filter(Files::isDirectory).toList();
            assertThat(own).hasSize(1);
            assertThat(own.get(0).resolve("about.txt"))
                    .content()
                    .contains("encoder: EvaVit of 1 blocks, images of 28 pixels", "5 tokens of 16 numbers");
            assertThat(features.bytes()).isEqualTo(TinyEncoder.TOKENS * TinyEncoder.WIDTH * Float.BYTES);
        }
    }
}
