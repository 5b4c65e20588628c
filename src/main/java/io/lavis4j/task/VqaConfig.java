package io.lavis4j.task;

import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Section;
import io.lavis4j.generate.GenerationConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The question answering tasks' part of the {@code run} section, by LAVIS's keys and with its defaults.
 *
 * <p>Differences from LAVIS: {@code length_penalty} can be set; {@code rank} does what it says, where BLIP-2's models
 * write answers whatever the method is; all candidates are ranked, where LAVIS's other models rank the
 * {@code num_ans_candidates} with the likeliest first token; {@code sample_id_key} cannot be but the question's id, by
 * which results are kept.
 *
 * @param search beams and lengths: {@code num_beams} 3, {@code max_len} 10, {@code min_len} 1, {@code length_penalty}
 *     the model's own
 * @param inferenceMethod {@code rank}, or {@code generate}
 * @param numAnsCandidates candidates that are scored at once, 128
 * @param prompt with a place <code>{}</code> for the question, or with two, the second for its choices, see
 *     {@link io.lavis4j.processor.Questions#answerPrompts}; empty for the question alone
 * @param quesFiles questions in VQA's form by split, which {@code annoFiles} has to be of
 * @param annoFiles answers in VQA's form by split; of other splits those of the data set are taken
 */
public record VqaConfig(
        Search search,
        InferenceMethod inferenceMethod,
        int numAnsCandidates,
        String prompt,
        Map<String, Path> quesFiles,
        Map<String, Path> annoFiles) {

    private static final List<String> SAMPLE_ID_KEYS = List.of("instance_id", "question_id");
    private static final Set<String> SPLITS = Set.of("train", "val", "test"); // whether this run evaluates them or not
    private static final String PLACE = "{}";

    /**
     * What a run says of a search.
     *
     * @param lengthPenalty {@code null} for the model's own
     */
    public record Search(
            int numBeams, int maxLen, int minLen, @Nullable Double lengthPenalty) {

        /** A model's own search with these settings. */
        GenerationConfig of(GenerationConfig own) {
            var set = own.withNumBeams(numBeams).withMaxLength(maxLen).withMinLength(minLen);
            return lengthPenalty == null ? set : set.withLengthPenalty(lengthPenalty);
        }

        private static Search read(Section run) {
            int numBeams = run.integer("num_beams", 3);
            int maxLen = run.integer("max_len", 10), minLen = run.integer("min_len", 1);
            run.check(numBeams >= 1, "num_beams", "at least 1");
            run.check(maxLen >= 1, "max_len", "at least 1");
            run.check(
                    minLen >= 0 && (minLen <= maxLen || !run.isSound("max_len")),
                    "min_len",
                    "from 0 to max_len, " + maxLen);
            var lengthPenalty = run.has("length_penalty") ? Double.valueOf(run.number("length_penalty")) : null;
            return new Search(numBeams, maxLen, minLen, lengthPenalty);
        }
    }

    public VqaConfig {
        quesFiles = Collections.unmodifiableMap(new LinkedHashMap<>(quesFiles));
        annoFiles = Collections.unmodifiableMap(new LinkedHashMap<>(annoFiles));
    }

    /** Reads the task's keys, beside the runner's; see {@link Section}. */
    public static VqaConfig read(Section run) {
        var search = run.read(Search::read);
        var method = run.choice("inference_method", InferenceMethod.RANK);
        int candidates = run.integer("num_ans_candidates", 128);
        String prompt = prompt(run);
        String sampleIdKey = run.string("sample_id_key", SAMPLE_ID_KEYS.get(0));
        var questions = files(run, "ques_files");
        var annotations = files(run, "anno_files");
        run.check(candidates >= 1, "num_ans_candidates", "at least 1");
        run.check(
                SAMPLE_ID_KEYS.contains(sampleIdKey),
                "sample_id_key",
                "one of %s, as results are kept by the question's id".formatted(SAMPLE_ID_KEYS));
        run.check(
                annotations.keySet().containsAll(questions.keySet()),
                "ques_files",
                "of splits that anno_files has too, " + annotations.keySet());
        var splits = new TreeSet<>(SPLITS);
        splits.addAll(run.strings("valid_splits"));
        splits.addAll(run.strings("test_splits"));
        run.check(splits.containsAll(annotations.keySet()), "anno_files", "of splits, as " + splits);
        return new VqaConfig(Section.present(search), method, candidates, prompt, questions, annotations);
    }

    /** Reads the key {@code prompt}, whose places are checked. */
    static String prompt(Section run) {
        String prompt = run.string("prompt", "");
        int places = (prompt.length() - prompt.replace(PLACE, "").length()) / PLACE.length();
        run.check(
                prompt.isEmpty() || places == 1 || places == 2,
                "prompt",
                "empty, or a text with one place {} for the question, or with two, for the question and its choices");
        return prompt;
    }

    private static Map<String, Path> files(Section run, String key) {
        var files = new LinkedHashMap<String, Path>();
        var bySplit = run.sectionIfPresent(key);
        if (bySplit != null) {
            bySplit.read(section -> {
                for (String split : section.values().keySet()) {
                    var file = section.file(split);
                    if (file != null) {
                        files.put(split, file);
                    }
                }
                return files;
            });
        }
        return files;
    }

    /** @throws ConfigException if a file is not there */
    void requireFiles() {
        requireFiles("ques_files", quesFiles);
        requireFiles("anno_files", annoFiles);
    }

    private static void requireFiles(String key, Map<String, Path> files) {
        files.forEach((split, file) -> {
            if (!Files.isRegularFile(file)) {
                throw new ConfigException(
                        List.of("run.%s.%s is \"%s\", and there is no such file; expected one as VQA publishes it"
                                .formatted(key, split, file)));
            }
        });
    }
}
