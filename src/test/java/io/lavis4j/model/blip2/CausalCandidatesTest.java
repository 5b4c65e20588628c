package io.lavis4j.model.blip2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.bytedeco.pytorch.global.torch.log_softmax;
import static org.bytedeco.pytorch.global.torch.zeros;

import io.lavis4j.golden.Golden;
import io.lavis4j.golden.GoldenCases;
import io.lavis4j.model.Texts;
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

class CausalCandidatesTest {

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
        var in = Blip2Case.frozen(model).labelled(List.of(text));
        var queries = model.queries(image, null);
        int Q = model.config().blip2().qformer().numQueries();
        long[] ids = in.ids()[0];
        var hidden = model.languageModel()
                .forward(
                        new CausalText(model.languageModel()).prepend(queries, Tensors.of(in.ids(), image.device())),
                        CausalText.mask(queries, Tensors.of(in.attentionMask(), image.device()))); // (1, L, D)
        float[] likelihoods =
                Tensors.floats(log_softmax(model.languageModel().logits(hidden).to(ScalarType.Float), 2));
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
                var candidates = model.candidates(after("a photo of"), textsPerBatch)) {
            var expected = new ArrayList<Float>();
            for (var text : after("a photo of")) {
                expected.add(
                        -model.forward(image, Texts.of(List.of(text))).total().item_float());
            }
            assertClose(candidates.score(image), expected);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a photo of", "a photo of a small dog"})
    void aScoreIsThatOfOneWholeForwardOfItsText(String prompt) {
        try (var model = model(prompt);
                var candidates = model.candidates(after(prompt), 3)) {
            int first = prompt.isEmpty() ? 1 : Blip2Case.frozen(model).promptLength();
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
                var candidates = model.candidates(List.of("the photo of a dog in it", "a photo of a dog"), 4)) {
            assertClose(
                    candidates.score(image),
                    List.of(
                            plain(
                                    model,
                                    "the photo of a dog in it",
                                    Blip2Case.frozen(model).promptLength()),
                            plain(
                                    model,
                                    "a photo of a dog",
                                    Blip2Case.frozen(model).promptLength())));
        }
    }

    @Test
    void oneTextIsScoredAsAmongOthers() {
        try (var model = model("a photo of")) {
            try (var all = model.candidates(after("a photo of"), 64);
                    var one = model.candidates(after("a photo of").subList(2, 3), 64)) {
                assertThat(one.score(image)[0]).isCloseTo(all.score(image)[2], TOLERANCE);
            }
        }
    }

    @Test
    void longTextsAreCutAsInTraining() {
        try (var model = model("a photo of")) {
            String text = "a photo of " + String.join(" ", Collections.nCopies(60, "dogs"));
            assertThat(Blip2Case.frozen(model).labelled(List.of(text)).ids()[0])
                    .hasSize(model.config().blip2().maxTxtLen());
            try (var candidates = model.candidates(List.of(text), 1)) {
                assertThat(candidates.score(image)[0])
                        .isCloseTo(
                                -model.forward(image, Texts.of(List.of(text)))
                                        .total()
                                        .item_float(),
                                TOLERANCE);
            }
        }
    }

    @Test
    void bfloat16ScoresLieNearThoseOfFloat32() {
        var base = Blip2Case.config(golden.json("expected.json"), "a photo of");
        var half = new Blip2OptConfig(
                new Blip2Config(
                        base.blip2().vision(),
                        base.blip2().lnVisionEps(),
                        base.blip2().qformer(),
                        base.blip2().maxTxtLen(),
                        true,
                        false,
                        Precision.FP32),
                base.opt(),
                base.prompt(),
                Precision.BF16);
        try (var model = model("a photo of");
                var narrow = Blip2Case.model(golden, half)) {
            float[] full = model.candidates(after("a photo of"), 4).score(image);
            float[] scores = narrow.candidates(after("a photo of"), 4).score(image);
            for (int i = 0; i < full.length; i++) {
                assertThat(scores[i]).isCloseTo(full[i], Offset.offset(0.05f));
            }
        }
    }

    @Test
    void nothingIsLeftBehindByAnImage() {
        try (var model = model("a photo of");
                var candidates = model.candidates(after("a photo of"), 2)) {
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
                    .isThrownBy(() -> model.candidates(List.of("a dog"), 4))
                    .withMessageStartingWith("text \"a dog\" has no word after the prompt");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> model.candidates(List.of(), 4))
                    .withMessage("expected at least one text to score and 1 in a batch, got 0 and 4");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> model.candidates(after(model.prompt()), 0))
                    .withMessage("expected at least one text to score and 1 in a batch, got 6 and 0");
            try (var candidates = model.candidates(after(model.prompt()), 4)) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> candidates.score(zeros(2, 3, 42, 42)))
                        .withMessage("expected one image (1, 3, S, S), got (2, 3, 42, 42)");
            }
        }
    }
}
