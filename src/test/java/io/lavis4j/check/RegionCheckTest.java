package io.lavis4j.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.image.Box;
import io.lavis4j.image.RegionMode;
import io.lavis4j.image.Regions;
import io.lavis4j.processor.ImageSize;
import java.util.List;
import org.junit.jupiter.api.Test;

class RegionCheckTest {

    private static List<Kind> found(Box box, int declaredWidth, int declaredHeight, int width, int height) {
        return found(box, declaredWidth, declaredHeight, width, height, RegionMode.HIGHLIGHT);
    }

    private static List<Kind> found(
            Box box, int declaredWidth, int declaredHeight, int width, int height, RegionMode mode) {
        var findings = new Findings("here");
        new RegionCheck(
                        "sample 0",
                        "a.jpg",
                        new Regions(List.of(box), declaredWidth, declaredHeight, mode),
                        new ImageSize(width, height))
                .run(findings);
        return findings.problems().stream().map(Problem::kind).toList();
    }

    @Test
    void aBoxMayTouchTheEdge() {
        assertThat(found(new Box(13, 330, 1907, 486), 1920, 816, 1920, 816)).isEmpty();
        assertThat(found(new Box(14, 330, 1907, 486), 1920, 816, 1920, 816)).containsExactly(Kind.BOX_BEYOND);
        assertThat(found(new Box(-1, 0, 5, 5), 1920, 816, 1920, 816)).containsExactly(Kind.BOX_BEYOND);
    }

    @Test
    void aBoxIsOutsideWhereNothingOfItIsSeen() {
        assertThat(found(new Box(100, 0, 5, 5), 100, 50, 100, 50)).containsExactly(Kind.BOX_OUTSIDE);
        assertThat(found(new Box(-5, 0, 5, 5), 100, 50, 100, 50)).containsExactly(Kind.BOX_OUTSIDE);
        assertThat(found(new Box(0, 50, 5, 5), 100, 50, 100, 50)).containsExactly(Kind.BOX_OUTSIDE);
        assertThat(found(new Box(3, 3, 5, 0), 100, 50, 100, 50)).containsExactly(Kind.BOX_EMPTY);
    }

    @Test
    void boxesAreScaledWithinOnePercentAndElseTheFilesPixels() {
        assertThat(found(new Box(150, 0, 40, 5), 200, 100, 100, 50)).containsExactly(Kind.SIZE_SCALED);
        assertThat(found(new Box(150, 0, 40, 5), 200, 101, 100, 50)).containsExactly(Kind.SIZE_SCALED);
        assertThat(found(new Box(150, 0, 40, 5), 200, 103, 100, 50))
                .containsExactly(Kind.SIZE_MISMATCH, Kind.BOX_OUTSIDE);
    }

    @Test
    void undeclaredSizesAreTheFiles() {
        assertThat(found(new Box(0, 0, 100, 50), 0, 0, 100, 50)).isEmpty();
        assertThat(found(new Box(0, 0, 101, 50), 0, 0, 100, 50)).containsExactly(Kind.BOX_BEYOND);
    }

    @Test
    void regionsThatAreNotDrawnAreNotLookedAt() {
        assertThat(found(new Box(1000, 0, 5, 5), 7, 1, 100, 50, RegionMode.NONE))
                .isEmpty();
    }
}
