package io.lavis4j.dataset.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.dataset.AnnotationException;
import io.lavis4j.io.JsonText;
import io.lavis4j.io.Listing;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Annotations and the images that they are of, in COCO's form.
 *
 * @param file that they are from
 * @param expected for messages
 */
record JoinedAnnotations(Path file, String expected) {

    private static final String IMAGES = "images";
    private static final String ANNOTATIONS = "annotations";
    private static final String ID = "id";
    private static final String IMAGE_ID = "image_id";

    /**
     * Passes the annotations on with the fields of their images.
     *
     * @return how many there are
     * @throws AnnotationException if it is another object
     */
    int each(ObjectNode root, BiConsumer<String, RecordFile.Entry> consumer) {
        var images = new HashMap<String, JsonNode>();
        for (var image : list(root, IMAGES)) {
            if (image.has(ID)) {
                images.put(image.get(ID).asText(), image);
            }
        }
        int index = 0;
        for (var annotation : list(root, ANNOTATIONS)) {
            var joined = joined(annotation, images);
            var content = joined == null ? annotation : joined;
            consumer.accept(
                    ANNOTATIONS + "[" + index++ + "]", new RecordFile.Entry(content, () -> fields(content, joined)));
        }
        return index;
    }

    private JsonNode list(ObjectNode root, String key) {
        var list = root.path(key);
        if (!list.isArray()) {
            var names = new ArrayList<String>();
            root.fieldNames().forEachRemaining(names::add);
            throw new AnnotationException("%s: %s is %s, expected %s; its keys are %s"
                    .formatted(file.toAbsolutePath(), key, JsonText.found(list), expected, Listing.of(names)));
        }
        return list;
    }

    private static @Nullable ObjectNode joined(JsonNode annotation, Map<String, JsonNode> images) {
        var image = images.get(annotation.path(IMAGE_ID).asText());
        return image instanceof ObjectNode known && annotation instanceof ObjectNode own
                ? known.deepCopy().setAll(own)
                : null;
    }

    private static Fields fields(JsonNode content, @Nullable ObjectNode joined) {
        var fields = Fields.of(content);
        if (joined == null) {
            throw fields.wrong(IMAGE_ID, "the id of one of the images");
        }
        return fields;
    }
}
