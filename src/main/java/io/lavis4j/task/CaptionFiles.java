package io.lavis4j.task;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.io.JsonFile;
import io.lavis4j.metric.CaptionItem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/**
 * Results and ground truth of an evaluation in COCO's format.
 *
 * @param directory that they are written to
 */
record CaptionFiles(Path directory) {

    /** Files in a folder, which is made. */
    static CaptionFiles below(Path directory, String folder) {
        var inner = directory.resolve(folder);
        try {
            Files.createDirectories(inner);
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be made (%s)".formatted(inner.toAbsolutePath(), e), e);
        }
        return new CaptionFiles(inner);
    }

    /** {@code <name>.json}, and the same as the part of the process that has them all, {@code <name>_rank0.json}. */
    void results(String name, Collection<CaptionEvaluation.Written> items) {
        var rows = JsonNodeFactory.instance.arrayNode();
        for (var item : items) {
            var row = rows.addObject();
            row.put("caption", item.caption());
            id(row, "image_id", item.id());
        }
        JsonFile.write(directory.resolve(name + "_rank0.json"), rows);
        JsonFile.write(directory.resolve(name + ".json"), rows);
    }

    /** {@code <name>_gt.json}: the references, keyed as the results are. */
    void groundTruth(String name, List<CaptionItem> items) {
        var root = JsonNodeFactory.instance.objectNode();
        var images = root.putArray("images");
        var annotations = root.putArray("annotations");
        for (var item : items) {
            id(images.addObject(), "id", item.id());
            for (String reference : item.references()) {
                var annotation = annotations.addObject();
                id(annotation, "image_id", item.id());
                annotation.put("caption", reference);
                annotation.put("id", annotations.size() - 1);
            }
        }
        JsonFile.write(directory.resolve(name + "_gt.json"), root);
    }

    /** As LAVIS has it: an id of digits becomes a number. */
    static void id(ObjectNode row, String key, String id) {
        if (id.matches("-?\\d{1,18}")) {
            row.put(key, Long.parseLong(id));
        } else {
            row.put(key, id);
        }
    }
}
