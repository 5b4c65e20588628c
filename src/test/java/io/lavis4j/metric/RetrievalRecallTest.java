package io.lavis4j.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class RetrievalRecallTest {

    private static final List<int[]> TEXTS = List.of(new int[] {0, 1}, new int[] {2});
    private static final int[] IMAGES = {0, 0, 1};

    @Test
    void anImageIsFoundByAnyOfItsTexts() {
        var recall = RetrievalRecall.of(
                new double[][] {{1, 9, 5}, {3, 2, 1}}, new double[][] {{2, 1}, {1, 2}, {0, 3}}, TEXTS, IMAGES);
        assertThat(recall.text().r1()).isEqualTo(50);
        assertThat(recall.image().r1()).isEqualTo(100 * 2 / 3.0);
        assertThat(recall.text().r5()).isEqualTo(100);
        assertThat(recall.aggregate()).isEqualTo(recall.text().mean());
    }

    @Test
    void aConstantScoreFindsNothing() {
        var recall = RetrievalRecall.of(new double[2][3], new double[3][2], TEXTS, IMAGES);
        assertThat(recall.text().r1()).isZero();
        assertThat(recall.image().r1()).isZero();
    }

    @Test
    void whatDoesNotFitIsRefused() {
        assertThatThrownBy(() -> RetrievalRecall.of(new double[2][2], new double[3][2], TEXTS, IMAGES))
                .hasMessageContaining("image-to-text scores, row 0: expected 3 scores, got 2");
        assertThatThrownBy(() -> RetrievalRecall.of(new double[2][3], new double[2][2], TEXTS, IMAGES))
                .hasMessageContaining("text-to-image scores: expected 3 rows, got 2");
        assertThatThrownBy(() -> RetrievalRecall.of(new double[2][3], new double[3][2], TEXTS, new int[] {0, 0, 2}))
                .hasMessageContaining("text 2 names number 2");
        var nan = new double[][] {{0, Double.NaN, 0}, {0, 0, 0}};
        assertThatThrownBy(() -> RetrievalRecall.of(nan, new double[3][2], TEXTS, IMAGES))
                .hasMessageContaining("image 0: score 1 of the texts is NaN");
        assertThatThrownBy(() -> RetrievalRecall.of(
                        new double[2][3], new double[3][2], List.of(new int[0], new int[] {2}), IMAGES))
                .hasMessageContaining("image 0 has none");
    }
}
