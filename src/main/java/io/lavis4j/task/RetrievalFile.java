package io.lavis4j.task;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.io.JsonFile;
import io.lavis4j.task.RetrievalEvaluation.Ranked;
import java.nio.file.Path;
import java.util.List;

/**
 * The result file of retrieval: under {@code texts_of_images} each image with the rank of the best of its texts, from
 * 0, and its 10 best candidates with scores; under {@code images_of_texts} each text likewise, with its own image.
 *
 * @param images ids
 * @param imageOfText index of a text's image
 */
record RetrievalFile(List<String> images, List<String> texts, List<Integer> imageOfText) {

    void write(Path file, List<Ranked> ofImages, List<Ranked> ofTexts) {
        var root = JsonNodeFactory.instance.objectNode();
        var first = root.putArray("texts_of_images");
        for (var ranked : ofImages) {
            var row = first.addObject();
            CaptionFiles.id(row, "image_id", images.get(ranked.query()));
            row.put("rank", ranked.rank());
            var nearest = row.putArray("texts");
            for (int i = 0; i < ranked.nearest().size(); i++) {
                int text = ranked.nearest().get(i);
                var candidate = scored(nearest, ranked, i);
                CaptionFiles.id(candidate, "image_id", images.get(imageOfText.get(text)));
                candidate.put("text", texts.get(text));
            }
        }
        var second = root.putArray("images_of_texts");
        for (var ranked : ofTexts) {
            var row = second.addObject();
            row.put("text", texts.get(ranked.query()));
            CaptionFiles.id(row, "image_id", images.get(imageOfText.get(ranked.query())));
            row.put("rank", ranked.rank());
            var nearest = row.putArray("images");
            for (int i = 0; i < ranked.nearest().size(); i++) {
                CaptionFiles.id(
                        scored(nearest, ranked, i),
                        "image_id",
                        images.get(ranked.nearest().get(i)));
            }
        }
        JsonFile.write(file, root);
    }

    private static ObjectNode scored(ArrayNode nearest, Ranked ranked, int place) {
        return nearest.addObject().put("score", ranked.scores().get(place));
    }
}
