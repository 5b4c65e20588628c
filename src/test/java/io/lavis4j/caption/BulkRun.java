package io.lavis4j.caption;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lavis4j.dataset.Share;
import io.lavis4j.image.Box;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A job of captioning with few options. */
record BulkRun(RedModel model, int captions, BulkOptions options) {

    static final Map<String, Object> SETTINGS = Map.of("prompts", List.of("a"));

    static BulkRun of(RedModel model, int batchSize, String... prompts) {
        return new BulkRun(model, 1, new BulkOptions(batchSize, 2, Share.WHOLE, List.of(prompts), List.of()));
    }

    BulkRun withCaptions(int number) {
        return new BulkRun(model, number, options);
    }

    BulkRun with(Share share) {
        return new BulkRun(
                model,
                captions,
                new BulkOptions(options.batchSize(), options.numWorkers(), share, options.prompts(), options.boxes()));
    }

    BulkRun with(Box box) {
        return new BulkRun(
                model,
                captions,
                new BulkOptions(
                        options.batchSize(), options.numWorkers(), options.share(), options.prompts(), List.of(box)));
    }

    BulkRun withWorkers(int number) {
        return new BulkRun(
                model,
                captions,
                new BulkOptions(options.batchSize(), number, options.share(), options.prompts(), options.boxes()));
    }

    BulkTally to(CaptionOutput out, Path... inputs) {
        return to(out, "", inputs);
    }

    BulkTally to(CaptionOutput out, String standardInput, Path... inputs) {
        var found = List.of(inputs).stream().map(CaptionInput::of).toList();
        return new BulkCaptioner(model.captioner(captions), options)
                .run(found, null, new ByteArrayInputStream(standardInput.getBytes(UTF_8)), out, (done, total) -> {});
    }

    BulkTally toJson(Path file, Path... inputs) {
        try (var out = RowFile.json(file, SETTINGS, false)) {
            return to(out, inputs);
        }
    }

    BulkTally toCsv(Path file, Path... inputs) {
        try (var out = RowFile.csv(file, captions, SETTINGS, false)) {
            return to(out, inputs);
        }
    }
}
