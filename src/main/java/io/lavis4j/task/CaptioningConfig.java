package io.lavis4j.task;

import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Section;
import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.io.FileNames;
import io.lavis4j.metric.CaptionFile;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The captioning task's part of the {@code run} section, by LAVIS's keys and with its defaults. Older releases of LAVIS
 * had {@code repetition_penalty} and {@code length_penalty} 1, which published numbers were made with.
 *
 * @param generation search by beams: {@code num_beams} 5, {@code max_len} 30, {@code min_len} 1,
 *     {@code repetition_penalty} 1.15, {@code length_penalty} 0; {@code top_p} 0.9 and {@code temperature} 1 take
 *     effect in sampling only
 * @param reportMetric scores the captions; without, the measure that chooses the best checkpoint is 0
 * @param annotationFile references in COCO's form, for the ids that are evaluated; {@code null} takes those of the data
 *     set
 * @param sampleIdKey key of an id in {@code loadGtFromFile}
 * @param captionKey key of a caption in {@code loadGtFromFile}
 * @param loadGtFromFile references as {@link CaptionFile} reads them; {@code null}, in LAVIS {@code False}, for none
 * @param imgIds ids that scoring is restricted to; empty for all
 * @param textParts ours, key {@code text_parts}: parts that texts are written in and scored by
 */
public record CaptioningConfig(
        GenerationConfig generation,
        boolean reportMetric,
        @Nullable String annotationFile,
        String sampleIdKey,
        String captionKey,
        @Nullable String loadGtFromFile,
        List<String> imgIds,
        TextParts textParts) {

    public CaptioningConfig {
        imgIds = List.copyOf(imgIds);
    }

    /**
     * Reads the task's keys. The runner's are in the same section: one {@link Section#read} goes around both readers,
     * as {@link Section} shows.
     */
    public static CaptioningConfig read(Section run) {
        var generation = run.read(CaptioningConfig::generation);
        boolean reportMetric = run.flag("report_metric", true);
        var annotationFile = run.stringIfPresent("annotation_file");
        String sampleIdKey = run.string("sample_id_key", "image_id"), captionKey = run.string("caption_key", "caption");
        var loadGtFromFile = fileOrFalse(run, "load_gt_from_file");
        var imgIds = run.strings("img_ids");
        run.check(
                annotationFile == null || loadGtFromFile == null,
                "load_gt_from_file",
                "left out, as annotation_file has the references");
        return new CaptioningConfig(
                Section.present(generation),
                reportMetric,
                annotationFile,
                sampleIdKey,
                captionKey,
                loadGtFromFile,
                imgIds,
                TextParts.read(run));
    }

    /** Whether each sample is to have references of its own. */
    boolean needsReferences() {
        return reportMetric && annotationFile == null && loadGtFromFile == null;
    }

    /**
     * The references of the configured file by id, in its order; {@code null} where the data set's own are taken.
     *
     * @throws IllegalArgumentException if the file is missing or has another form
     */
    @Nullable
    Map<String, List<String>> references() {
        String key = annotationFile == null ? "load_gt_from_file" : "annotation_file";
        var name = annotationFile == null ? loadGtFromFile : annotationFile;
        if (name == null) {
            return null;
        }
        if (name.contains("://")) {
            throw new ConfigException(List.of(
                    "run.%s is \"%s\", an address; expected a file, as nothing is downloaded here: fetch it with the command download, or by hand, and give its path"
                            .formatted(key, name)));
        }
        var file = FileNames.setting(name);
        if (!Files.isRegularFile(file)) {
            throw new ConfigException(List.of(
                    "run.%s is \"%s\", and there is no such file; expected one with references".formatted(key, name)));
        }
        return (annotationFile == null ? CaptionFile.read(file, sampleIdKey, captionKey) : CaptionFile.read(file))
                .references();
    }

    private static GenerationConfig generation(Section run) {
        int numBeams = run.integer("num_beams", 5);
        int maxLength = run.integer("max_len", 30), minLength = run.integer("min_len", 1);
        double topP = run.number("top_p", 0.9), temperature = run.number("temperature", 1);
        double repetitionPenalty = run.number("repetition_penalty", 1.15);
        double lengthPenalty = run.number("length_penalty", 0);
        run.check(numBeams >= 1, "num_beams", "at least 1");
        run.check(maxLength >= 1, "max_len", "at least 1");
        run.check(
                minLength >= 0 && (minLength <= maxLength || !run.isSound("max_len")),
                "min_len",
                "from 0 to max_len, " + maxLength);
        run.check(topP >= 0 && topP <= 1, "top_p", "from 0 to 1");
        run.check(temperature > 0, "temperature", "above 0");
        run.check(repetitionPenalty > 0, "repetition_penalty", "above 0");
        return GenerationConfig.lavis()
                .withNumBeams(numBeams)
                .withMaxLength(maxLength)
                .withMinLength(minLength)
                .withTopP(topP)
                .withTemperature(temperature)
                .withRepetitionPenalty(repetitionPenalty)
                .withLengthPenalty(lengthPenalty);
    }

    private static @Nullable String fileOrFalse(Section run, String key) {
        if (Boolean.FALSE.equals(run.values().get(key))) {
            run.ignore(key);
            return null;
        }
        return run.stringIfPresent(key);
    }
}
