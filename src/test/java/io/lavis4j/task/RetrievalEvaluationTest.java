package io.lavis4j.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lavis4j.dataset.Batch;
import io.lavis4j.dataset.SampleTexts;
import io.lavis4j.dataset.Share;
import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.model.SimilarityRanker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LibtorchFirst.class)
class RetrievalEvaluationTest {

    /** Three images, the first with two texts; the second image's text is found for the third, too. */
    private static final float[][] IMAGE_TO_TEXT = {{1, 9, 5, -100}, {3, 2, 4, 1}, {-100, 0, 8, 7}};

    /** The last text is for all images alike. */
    private static final float[][] TEXT_TO_IMAGE = {{9, 1, 1}, {2, 3, 1}, {1, 5, 4}, {1, 1, 1}};

    @TempDir
    private Path folder;

    /** Scores that are known, and what was asked. */
    private static final class Known implements SimilarityRanker.Comparison {
        private final List<String> texts = new ArrayList<>();
        private int batches;
        private boolean closed;

        @Override
        public void add(Tensor image) {
            batches++;
        }

        @Override
        public void compare(List<String> all) {
            texts.addAll(all);
        }

        @Override
        public float[] scores(int index, boolean ofImage) {
            return (ofImage ? IMAGE_TO_TEXT : TEXT_TO_IMAGE)[index].clone();
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private static Batch batch(SampleTexts... samples) {
        return new Batch(new Tensor(), List.of(samples));
    }

    private static SampleTexts sample(String id, String... texts) {
        return SampleTexts.of(id, texts.length == 0 ? "" : texts[0]).withReferences(List.of(texts));
    }

    private static RetrievalEvaluation seen(Known known) {
        var evaluation = new RetrievalEvaluation(known);
        evaluation.step(batch(sample("7", "a dog", "an animal"), sample("8", "a cat")));
        evaluation.step(batch(sample("b", "a cat")));
        return evaluation;
    }

    private Map<String, Double> scores(int processes) {
        var parts = new ArrayList<RetrievalEvaluation.Ranks>();
        for (int rank = 0; rank < processes; rank++) {
            parts.addAll(seen(new Known()).conclude(new Share(rank, processes)));
        }
        return seen(new Known()).finish(parts, folder, "val_epoch0");
    }

    @Test
    void anImageIsRankedByTheBestOfItsTextsAndATextByItsImage() throws IOException {
        var scores = scores(1);
        assertThat(scores.get("txt_r1")).as("image b's text comes second").isEqualTo(100 * 2 / 3.0);
        assertThat(scores.get("img_r1")).as("a tie is lost").isEqualTo(100 * 2 / 4.0);
        assertThat(scores.get("img_r5")).isEqualTo(100);
        assertThat(scores.get("r_mean")).isEqualTo((scores.get("txt_r_mean") + scores.get("img_r_mean")) / 2);
        assertThat(scores.get("agg_metrics")).isEqualTo(scores.get("txt_r_mean"));

        var file = new ObjectMapper().readTree(folder.resolve("val_epoch0.json").toFile());
        assertThat(file.get("texts_of_images").get(0))
                .hasToString("{\"image_id\":7,\"rank\":0,\"texts\":["
                        + "{\"score\":9.0,\"image_id\":7,\"text\":\"an animal\"},"
                        + "{\"score\":5.0,\"image_id\":8,\"text\":\"a cat\"},"
                        + "{\"score\":1.0,\"image_id\":7,\"text\":\"a dog\"},"
                        + "{\"score\":-100.0,\"image_id\":\"b\",\"text\":\"a cat\"}]}");
        assertThat(file.get("images_of_texts").get(3).get("images").findValuesAsText("image_id"))
                .as("of equal scores the wrong come first, and the rank says so")
                .containsExactly("7", "8", "b");
        assertThat(file.get("images_of_texts").get(3).get("rank").asInt()).isEqualTo(2);
        assertThat(file.get("images_of_texts").get(1))
                .hasToString(
                        "{\"text\":\"an animal\",\"image_id\":7,\"rank\":1,\"images\":["
                                + "{\"score\":3.0,\"image_id\":8},{\"score\":2.0,\"image_id\":7},{\"score\":1.0,\"image_id\":\"b\"}]}");
    }

    @Test
    void severalProcessesRankAShareEach() {
        var one = seen(new Known()).conclude(new Share(1, 2)).get(0);
        assertThat(one.images()).extracting(RetrievalEvaluation.Ranked::query).containsExactly(1);
        assertThat(one.texts()).extracting(RetrievalEvaluation.Ranked::query).containsExactly(1, 3);
        assertThat(scores(2)).isEqualTo(scores(1));
        assertThat(scores(5)).as("with more processes than images").isEqualTo(scores(1));
    }

    @Test
    void imagesOfAllBatchesAreComparedWithAllTextsAndFreed() {
        var known = new Known();
        try (var evaluation = seen(known)) {
            assertThat(known.batches).isEqualTo(2);
            evaluation.conclude(Share.WHOLE);
            assertThat(known.texts).containsExactly("a dog", "an animal", "a cat", "a cat");
            assertThat(known.closed).isFalse();
        }
        assertThat(known.closed).isTrue();
    }

    @Test
    void anImageWithoutTextsIsNamed() {
        var evaluation = new RetrievalEvaluation(new Known());
        assertThatThrownBy(() -> evaluation.step(batch(sample("val/a.jpg"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("val/a.jpg has no texts", "one or more");
    }
}
