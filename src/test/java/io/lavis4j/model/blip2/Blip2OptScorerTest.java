package io.lavis4j.model.blip2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.bytedeco.pytorch.global.torch.log_softmax;
import static org.bytedeco.pytorch.global.torch.zeros;

import io.lavis4j.golden.Golden;
import io.lavis4j.golden.GoldenCases;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Blip2OptScorerTest {

    private static final Offset<Float> TOLERANCE = Offset.offset(2e-5f);

    private static final List<String> ENDS = List.of(
            "the dog is about to catch the ball",
            "a",
            "someone who likes red lives here and has lived here for many, many years, or so it seems to be",
            "it rained",
            "it rained",
            "it will rain");

    private final PointerScope scope = new PointerScope();
    private final NoGradGuard noGrad = new NoGradGuard();
    private final Golden golden = Golden.at(GoldenCases.of("c_blip2_opt").get(0));
    private final Tensor image =
            Golden.get(golden.tensors("inputs.safetensors"), "image").narrow(0, 1, 1);

    @AfterEach
    void free() {
        noGrad.close();
        scope.close();
    }

    private Blip2Opt model(String prompt) {
        return Blip2Case.model(golden, prompt);
    }

    private static List<String> after(String prompt) {
        return ENDS.stream().map(end -> (prompt + " " + end).strip()).toList();
    }

    /** One whole forward for the text, and of its tokens from {@code first} on the mean log-likelihood. */
    private float plain(Blip2Opt model, String text, int first) {
        var in = model.withText(model.queries(image), model.textCollator().collate(List.of(text)));
        int Q = model.config().qformer().numQueries();
        long[] ids = model.textIds(List.of(text))[0];
        var hidden = model.opt().forward(in.embeds(), in.mask()); // (1, L, D)
        float[] likelihoods =
                Tensors.floats(log_softmax(model.opt().logits(hidden).to(ScalarType.Float), 2));
        int V = model.config().opt().vocabSize();
        double sum = 0;
        for (int t = first; t < ids.length; t++) {
            sum += likelihoods[(Q + t - 1) * V + (int) ids[t]];
        }
        return (float) (sum / (ids.length - first));
    }

    private static void assertClose(float[] scores, List<Float> expected) {
        assertThat(scores).hasSize(expected.size());
        for (int i = 0; i < scores.length; i++) {
            assertThat(scores[i]).as("text %d", i).isCloseTo(expected.get(i), TOLERANCE);
        }
        assertThat(expected.stream().distinct()).hasSizeGreaterThan(expected.size() / 2);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 64})
    void aScoreIsTheTrainingLossOfTheTextAloneWithTheSignChanged(int textsPerBatch) {
        try (var model = model("a photo of");
                var candidates = model.scorer(textsPerBatch).candidates(after("a photo of"))) {
            var expected = new ArrayList<Float>();
            for (var text : after("a photo of")) {
                expected.add(-model.forward(image, List.of(text)).item_float());
            }
            assertClose(candidates.score(image), expected);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a photo of", "a photo of a small dog"})
    void aScoreIsThatOfOneWholeForwardOfItsText(String prompt) {
        try (var model = model(prompt);
                var candidates = model.scorer(3).candidates(after(prompt))) {
            int first = prompt.isEmpty() ? 1 : model.promptLength();
            assertClose(
                    candidates.score(image),
                    after(prompt).stream()
                            .map(text -> plain(model, text, first))
                            .toList());
        }
    }

    /** The first tokens of each text do not count, as in training, but they are what the others stand after. */
    @Test
    void textsThatDoNotBeginWithThePromptAreScoredAsTheyWouldBeLearnt() {
        try (var model = model("a photo of");
                var candidates = model.scorer(4).candidates(List.of("the photo of a dog in it", "a photo of a dog"))) {
            assertClose(
                    candidates.score(image),
                    List.of(
                            plain(model, "the photo of a dog in it", model.promptLength()),
                            plain(model, "a photo of a dog", model.promptLength())));
        }
    }

    @Test
    void oneTextIsScoredAsAmongOthers() {
        try (var model = model("a photo of")) {
            try (var all = model.scorer(64).candidates(after("a photo of"));
                    var one = model.scorer(64).candidates(after("a photo of").subList(2, 3))) {
                assertThat(one.score(image)[0]).isCloseTo(all.score(image)[2], TOLERANCE);
            }
        }
    }

    @Test
    void longTextsAreCutAsInTraining() {
        try (var model = model("a photo of")) {
            String text = "a photo of " + String.join(" ", Collections.nCopies(60, "dogs"));
            assertThat(model.textIds(List.of(text))[0]).hasSize(model.config().maxTxtLen());
            try (var candidates = model.scorer(1).candidates(List.of(text))) {
                assertThat(candidates.score(image)[0])
                        .isCloseTo(-model.forward(image, List.of(text)).item_float(), TOLERANCE);
            }
        }
    }

    @Test
    void bfloat16ScoresLieNearThoseOfFloat32() {
        var base = Blip2Case.config(golden.json("expected.json"), "a photo of");
        var half = new Blip2OptConfig(
                base.vision(),
                base.lnVisionEps(),
                base.qformer(),
                base.opt(),
                base.prompt(),
                base.maxTxtLen(),
                true,
                false,
                Precision.FP32,
                Precision.BF16);
        try (var model = model("a photo of");
                var narrow = Blip2Case.model(golden, half)) {
            float[] full = model.scorer(4).candidates(after("a photo of")).score(image);
            float[] scores = narrow.scorer(4).candidates(after("a photo of")).score(image);
            for (int i = 0; i < full.length; i++) {
                assertThat(scores[i]).isCloseTo(full[i], Offset.offset(0.05f));
            }
        }
    }

    @Test
    void nothingIsLeftBehindByAnImage() {
        try (var model = model("a photo of");
                var candidates = model.scorer(2).candidates(after("a photo of"))) {
            candidates.score(image);
            candidates.score(image);
            long count = Pointer.totalCount();
            candidates.score(image);
            assertThat(Pointer.totalCount()).isEqualTo(count);
        }
    }

    @Test
    void whatCannotBeScoredIsRefused() {
        try (var model = model("a photo of a small dog sitting on the table")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> model.scorer(4).candidates(List.of("a dog")))
                    .withMessageStartingWith("text \"a dog\" has no word after the prompt");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> model.scorer(4).candidates(List.of()))
                    .withMessage("expected at least one text to score, got none");
            assertThatIllegalArgumentException().isThrownBy(() -> model.scorer(0));
            try (var candidates = model.scorer(4).candidates(after(model.prompt()))) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> candidates.score(zeros(2, 3, 42, 42)))
                        .withMessage("expected one image (1, 3, S, S), got (2, 3, 42, 42)");
            }
        }
    }
}
