package io.lavis4j.processor;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.image.Box;
import io.lavis4j.image.ImageDecoder;
import io.lavis4j.image.RegionHighlight;
import io.lavis4j.image.RegionMode;
import io.lavis4j.image.Regions;
import io.lavis4j.image.RgbImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** The two ways from a file to pixels, which must give the same. */
enum ImagePath {
    JAVA {
        @Override
        ImagePipeline pipeline() {
            return new JavaImagePipeline();
        }

        @Override
        int[] size(Path file) {
            var image = ImageDecoder.read(file);
            return new int[] {image.width(), image.height()};
        }

        @Override
        RgbImage pixels(Path file, Regions regions, ImagePlan plan) {
            return plan.apply(RegionHighlight.draw(ImageDecoder.read(file), regions));
        }
    },
    NATIVE {
        @Override
        ImagePipeline pipeline() {
            return ImagePipelines.best();
        }

        @Override
        int[] size(Path file) {
            return input(file).size();
        }

        @Override
        RgbImage pixels(Path file, Regions regions, ImagePlan plan) {
            return input(file).pixels(new PackedPlan(regions, plan, false));
        }

        private NativeImage input(Path file) {
            assertThat(pipeline()).isInstanceOf(NativeImagePipeline.class);
            try {
                byte[] content = Files.readAllBytes(file);
                return new NativeImage(
                        file.toString(),
                        ByteBuffer.allocateDirect(content.length).put(content).flip());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    };

    /** Files that native code leaves to plain Java. */
    static final Pattern JAVA_ALONE = Pattern.compile(".*\\.(gif|bmp|tiff)");

    static final Regions NO_REGIONS = new Regions(List.of(), 0, 0, RegionMode.NONE);

    abstract ImagePipeline pipeline();

    /** Width and height. */
    abstract int[] size(Path file);

    /** All steps but the normalisation. */
    abstract RgbImage pixels(Path file, Regions regions, ImagePlan plan);

    /** The image as it is. */
    RgbImage decoded(Path file) {
        return pixels(file, NO_REGIONS, List.of());
    }

    /** The image in its size, augmented. */
    RgbImage pixels(Path file, Regions regions, List<Augmentation> augmentations) {
        int[] size = size(file);
        var whole = new Box(0, 0, size[0], size[1]);
        return pixels(file, regions, new ImagePlan(whole, size[0], size[1], whole, false, augmentations));
    }
}
