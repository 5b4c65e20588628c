package io.lavis4j.processor;

import static io.lavis4j.processor.Augmentation.Operation.BRIGHTNESS;
import static io.lavis4j.processor.Augmentation.Operation.EQUALIZE;
import static io.lavis4j.processor.Augmentation.Operation.IDENTITY;
import static io.lavis4j.processor.Augmentation.Operation.TRANSLATE_X;
import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.image.Box;
import io.lavis4j.image.RegionMode;
import io.lavis4j.image.Regions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

class PackedPlanTest {

    /** A change to the structures of one side only fails here. */
    @Test
    void theLayoutIsThatOfTheNativeLibrary() {
        assertThat(ImagePipelines.best()).isInstanceOf(NativeImagePipeline.class);
        assertThat(ImageLibrary.planLayout())
                .containsExactly(
                        PackedPlan.CROP,
                        PackedPlan.WIDTH,
                        PackedPlan.HEIGHT,
                        PackedPlan.WINDOW,
                        PackedPlan.FLIP,
                        PackedPlan.FAST,
                        PackedPlan.DECLARED_WIDTH,
                        PackedPlan.DECLARED_HEIGHT,
                        PackedPlan.MODE,
                        PackedPlan.NUM_BOXES,
                        PackedPlan.NUM_AUGMENTATIONS,
                        PackedPlan.SIZE,
                        PackedPlan.AUGMENTATION_OPERATION,
                        PackedPlan.AUGMENTATION_MATRIX,
                        PackedPlan.AUGMENTATION_SIZE,
                        PackedPlan.BOX_LEFT,
                        PackedPlan.BOX_TOP,
                        PackedPlan.BOX_WIDTH,
                        PackedPlan.BOX_HEIGHT,
                        PackedPlan.BOX_SIZE);
    }

    @Test
    void augmentationsThatChangeNothingStayOutAndBoxesFollowTheOthers() {
        var augmentations = List.of(
                new Augmentation(IDENTITY, 0),
                new Augmentation(TRANSLATE_X, 3),
                new Augmentation(BRIGHTNESS, 0),
                new Augmentation(EQUALIZE, 0));
        var crop = new Box(1, 2, 30, 40);
        var plan = new ImagePlan(crop, 10, 12, new Box(0, 1, 10, 10), true, augmentations);
        var regions = new Regions(List.of(new Box(5, 6, 7, 8)), 100, 200, RegionMode.BLACKOUT);
        var packed = new PackedPlan(regions, plan, false);

        assertThat(packed.augmentations()).containsExactly(augmentations.get(1), augmentations.get(3));
        var block = ByteBuffer.wrap(packed.bytes()).order(ByteOrder.nativeOrder());
        int boxes = PackedPlan.SIZE + 2 * PackedPlan.AUGMENTATION_SIZE;
        assertThat(block.limit()).isEqualTo(boxes + PackedPlan.BOX_SIZE);
        assertThat(block.getInt(PackedPlan.NUM_AUGMENTATIONS)).isEqualTo(2);
        assertThat(block.getInt(PackedPlan.NUM_BOXES)).isEqualTo(1);
        assertThat(block.getDouble(PackedPlan.SIZE + PackedPlan.AUGMENTATION_MATRIX + 2 * Double.BYTES))
                .isEqualTo(3);
        assertThat(block.getInt(boxes + PackedPlan.BOX_HEIGHT)).isEqualTo(8);
    }
}
