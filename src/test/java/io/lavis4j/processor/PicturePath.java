package io.lavis4j.processor;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.image.Box;
import io.lavis4j.image.Pictures;
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

/** The two ways from a file to pixels, which must give the same. */
enum PicturePath {
    JAVA {
        @Override
        PicturePipeline pipeline() {
            return new JavaPicturePipeline();
        }

        @Override
        int[] size(Path file) {
            var picture = Pictures.read(file);
            return new int[] {picture.width(), picture.height()};
        }

        @Override
        RgbImage pixels(Path file, Regions regions, PicturePlan plan) {
            return plan.apply(RegionHighlight.draw(Pictures.read(file), regions));
        }
    },
    NATIVE {
        @Override
        PicturePipeline pipeline() {
            return PicturePipelines.best();
        }

        @Override
        int[] size(Path file) {
            return input(file).size();
        }

        @Override
        RgbImage pixels(Path file, Regions regions, PicturePlan plan) {
            return input(file).pixels(new NativeOrder(regions, plan, false));
        }

        private NativeInput input(Path file) {
            assertThat(pipeline()).isInstanceOf(NativePicturePipeline.class);
            try {
                byte[] content = Files.readAllBytes(file);
                return new NativeInput(
                        file.toString(),
                        ByteBuffer.allocateDirect(content.length).put(content).flip());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    };

    static final Regions NO_REGIONS = new Regions(List.of(), 0, 0, RegionMode.NONE);

    abstract PicturePipeline pipeline();

    /** Width and height. */
    abstract int[] size(Path file);

    /** All steps but the normalisation. */
    abstract RgbImage pixels(Path file, Regions regions, PicturePlan plan);

    /** The picture as it is. */
    RgbImage decoded(Path file) {
        return pixels(file, NO_REGIONS, List.of());
    }

    /** The picture in its size, augmented. */
    RgbImage pixels(Path file, Regions regions, List<Augmentation> augmentations) {
        int[] size = size(file);
        var whole = new Box(0, 0, size[0], size[1]);
        return pixels(file, regions, new PicturePlan(whole, size[0], size[1], whole, false, augmentations));
    }
}
