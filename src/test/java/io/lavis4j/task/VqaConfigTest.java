package io.lavis4j.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Section;
import io.lavis4j.dataset.SampleTexts;
import io.lavis4j.generate.GenerationConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VqaConfigTest {

    private static VqaConfig read(Map<String, Object> run) {
        var section = Section.root(Map.of("run", run)).section("run");
        var config = section.read(VqaConfig::read);
        section.requireValid();
        return Section.present(config);
    }

    @Test
    void whatIsNotSaidHasLavisDefaults() {
        assertThat(read(Map.of()))
                .isEqualTo(new VqaConfig(
                        new VqaConfig.Search(3, 10, 1, null), InferenceMethod.RANK, 128, "", Map.of(), Map.of()));
    }

    @Test
    void everyKeyIsRead() {
        assertThat(read(Map.ofEntries(
                        Map.entry("num_beams", 5),
                        Map.entry("max_len", 20),
                        Map.entry("min_len", 2),
                        Map.entry("length_penalty", -1),
                        Map.entry("inference_method", "generate"),
                        Map.entry("num_ans_candidates", 64),
                        Map.entry("prompt", "Question: {} Answer:"),
                        Map.entry("sample_id_key", "question_id"),
                        Map.entry("ques_files", Map.of("val", "q.json")),
                        Map.entry("anno_files", Map.of("val", "a.json")))))
                .isEqualTo(new VqaConfig(
                        new VqaConfig.Search(5, 20, 2, -1.0),
                        InferenceMethod.GENERATE,
                        64,
                        "Question: {} Answer:",
                        Map.of("val", Path.of("q.json")),
                        Map.of("val", Path.of("a.json"))));
    }

    @Test
    void theLengthPenaltyIsTheModelsUnlessItIsSaid() {
        var own = GenerationConfig.lavis().withLengthPenalty(-1).withRepetitionPenalty(1.5);
        var search = new VqaConfig.Search(3, 10, 1, null).of(own);
        assertThat(search).isEqualTo(own.withNumBeams(3).withMaxLength(10));
        assertThat(new VqaConfig.Search(3, 10, 1, 0.5).of(own)).isEqualTo(search.withLengthPenalty(0.5));
    }

    @Test
    void everyWrongValueIsReportedAtOnce() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> read(Map.ofEntries(
                        Map.entry("num_beams", 0),
                        Map.entry("max_len", 5),
                        Map.entry("min_len", 6),
                        Map.entry("inference_method", "guess"),
                        Map.entry("num_ans_candidates", 0),
                        Map.entry("prompt", "answer this"),
                        Map.entry("sample_id_key", "image_id"),
                        Map.entry("ques_files", Map.of("val", "q.json")),
                        Map.entry("apply_lemmatizer", true))))
                .satisfies(e -> assertThat(e.problems())
                        .containsExactly(
                                "run.num_beams must be at least 1, got 0",
                                "run.min_len must be from 0 to max_len, 5, got 6",
                                "run.inference_method is \"guess\", which is unknown; expected one of [generate, rank]",
                                "run.prompt must be empty, or a text with one place {} for the question, or with two,"
                                        + " for the question and its choices, got \"answer this\"",
                                "run.num_ans_candidates must be at least 1, got 0",
                                "run.sample_id_key must be one of [instance_id, question_id], as results are kept by"
                                        + " the question's id, got \"image_id\"",
                                "run.ques_files must be of splits that anno_files has too, [], got {val=q.json}",
                                "run.apply_lemmatizer is unknown; expected one of [anno_files, inference_method,"
                                        + " length_penalty, max_len, min_len, num_ans_candidates, num_beams, prompt,"
                                        + " ques_files, sample_id_key, test_splits, valid_splits]"));
    }

    @Test
    void answersOfASplitThatNobodyKnowsAreNotPassedOver() {
        var files = Map.of("vla", "a.json");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> read(Map.of("anno_files", files, "test_splits", List.of("mini"))))
                .withMessageContaining(
                        "run.anno_files must be of splits, as [mini, test, train, val], got {vla=a.json}");
        assertThat(read(Map.of("anno_files", files, "test_splits", List.of("vla")))
                        .annoFiles())
                .containsOnlyKeys("vla");
    }

    @Test
    void choicesAreNotTheDirectAnswers() {
        var section =
                Section.root(Map.of("run", Map.of("inference_method", "rank"))).section("run");
        var type = VqaTask.TYPES.get(2);
        assertThat(type.name()).isEqualTo("aok_vqa");
        section.read(type.reader());
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(section::requireValid)
                .withMessageContaining("run.inference_method must be generate: direct answers are written");
    }

    @Test
    void aSplitWithoutCandidatesIsRefusedBeforeTrainingWhereTheyAreRanked() {
        var question = SampleTexts.of("7", "what is it");
        var choices = question.withCandidates(List.of("a dog", "a cat"));
        var ranks = new VqaTask(Benchmark.VQA, read(Map.of()));
        var writes = new VqaTask(Benchmark.VQA, read(Map.of("inference_method", "generate")));
        writes.requireSample(question);
        for (Task task : List.of(ranks, new ClassificationTask("", 1))) {
            task.requireSample(choices);
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> task.requireSample(question))
                    .withMessageStartingWith("sample 7 has no candidates to choose from; ");
        }
    }
}
