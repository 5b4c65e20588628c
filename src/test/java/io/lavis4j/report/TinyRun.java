package io.lavis4j.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lavis4j.config.Configuration;
import io.lavis4j.dataset.OnBroken;
import io.lavis4j.dataset.sherlock.SherlockAnnotations;
import io.lavis4j.dataset.sherlock.SherlockRecord;
import io.lavis4j.runner.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The directory of a run on the mini corpus, written by hand. */
record TinyRun(RunDirectory directory) {

    static final Path CORPUS = Path.of("src/test/resources/sherlock_mini");

    /** With a configuration and nothing else. */
    static TinyRun in(Path folder, String... options) throws IOException {
        var all = new ArrayList<>(List.of("data_root=" + CORPUS, "run.max_epoch=3"));
        all.addAll(List.of(options));
        var config = Configuration.load("finetune/caption_sherlock_mini.yaml", all, name -> null);
        var run = new RunDirectory(folder);
        Files.createDirectories(run.result());
        Files.writeString(run.config(), config.yaml());
        Files.writeString(run.log(), config.json() + "\n");
        return new TinyRun(run);
    }

    /** The validation records. */
    static List<SherlockRecord> records() {
        var file = CORPUS.resolve("sherlock_dataset/sherlock_val_with_split_idxs_v1_1.json");
        return SherlockAnnotations.read(file, OnBroken.FAIL).records();
    }

    TinyRun log(String... lines) throws IOException {
        Files.writeString(directory.log(), Files.readString(directory.log()) + String.join("\n", lines) + "\n");
        return this;
    }

    /** Results of an evaluation of the validation records. */
    TinyRun results(String label, Function<SherlockRecord, String> generated) throws IOException {
        var texts = new ArrayList<Map<String, Object>>();
        var references = new ArrayList<Map<String, Object>>();
        for (var record : records()) {
            texts.add(Map.of("image_id", record.instanceId(), "caption", generated.apply(record)));
            references.add(Map.of("image_id", record.instanceId(), "caption", record.inference()));
        }
        var json = new ObjectMapper();
        var result = directory.result();
        json.writeValue(result.resolve("val_epoch%s.json".formatted(label)).toFile(), texts);
        json.writeValue(
                result.resolve("val_epoch%s_gt.json".formatted(label)).toFile(), Map.of("annotations", references));
        return this;
    }

    String page(ReportOptions options) throws IOException {
        var file = directory.path().resolve(RunReport.FILE);
        RunReport.write(directory, file, options);
        return Files.readString(file);
    }

    String page() throws IOException {
        return page(few());
    }

    /** Two images of a kind, a hundred resamples. */
    static ReportOptions few() {
        return options(null, ReportOptions.BEST, 42);
    }

    static ReportOptions options(@Nullable String split, String epoch, long seed) {
        return new ReportOptions(split, epoch, "CIDEr", 2, seed, 100, null);
    }
}
