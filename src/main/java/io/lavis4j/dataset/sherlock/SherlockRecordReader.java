package io.lavis4j.dataset.sherlock;

import io.lavis4j.dataset.record.Fields;
import io.lavis4j.dataset.record.RecordReader;
import io.lavis4j.image.Box;
import io.lavis4j.io.JsonText;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads and checks single records; texts that occur several times are kept once. */
final class SherlockRecordReader implements RecordReader<SherlockRecord> {

    private final Map<Object, Object> shared = new HashMap<>();
    private int notANumber;

    /** How many confidences were NaN or infinite, and are now {@code null}. */
    int notANumber() {
        return notANumber;
    }

    @Override
    public String idKey() {
        return "instance_id";
    }

    @Override
    public String id(SherlockRecord record) {
        return record.instanceId();
    }

    @Override
    public SherlockRecord read(Fields record) {
        var instanceId = record.text("instance_id");
        var inputs = record.object("inputs");
        var image = inputs.object("image");
        var url = image.text("url");
        try {
            SherlockPaths.relative(url);
        } catch (IllegalArgumentException e) {
            throw image.wrong("url", String.valueOf(e.getMessage()));
        }
        return new SherlockRecord(
                share(url),
                image.whole("width", 1, "1 or more pixels"),
                image.whole("height", 1, "1 or more pixels"),
                boxes(inputs),
                clue(inputs),
                confidence(inputs),
                inputs.whole("obs_idx"),
                share(record.object("targets").text("inference")),
                instanceId,
                record.has("split_idx") ? share(record.whole("split_idx")) : null);
    }

    private @Nullable String clue(Fields inputs) {
        var clue = inputs.textIfPresent("clue");
        return clue == null ? null : share(clue);
    }

    private @Nullable Double confidence(Fields inputs) {
        var confidence = inputs.numberIfPresent("confidence");
        if (confidence != null && !JsonText.isFinite(confidence)) {
            notANumber++;
            return null;
        }
        return confidence == null ? null : share(confidence.doubleValue());
    }

    private static List<Box> boxes(Fields inputs) {
        return inputs.objects("bboxes", "a list of one or more boxes").stream()
                .map(box -> new Box(
                        box.whole("left"),
                        box.whole("top"),
                        box.whole("width", 0, "0 or more pixels"),
                        box.whole("height", 0, "0 or more pixels")))
                .toList();
    }

    @SuppressWarnings("unchecked")
    private <T> T share(T value) {
        var known = shared.putIfAbsent(value, value);
        return known == null ? value : (T) known;
    }
}
