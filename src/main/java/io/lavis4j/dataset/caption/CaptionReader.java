package io.lavis4j.dataset.caption;

import io.lavis4j.dataset.ImagePaths;
import io.lavis4j.dataset.record.Fields;
import io.lavis4j.dataset.record.RecordReader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads and checks single records: {@code image}, {@code caption}, a text or a list of texts, and what its id is in.
 *
 * @param captioned whether a record without captions is faulty
 */
record CaptionReader(ImagePaths paths, ImageIds ids, boolean captioned) implements RecordReader<ImageCaptions> {

    @Override
    public ImageCaptions read(Fields record) {
        String image = record.image("image", paths);
        return new ImageCaptions(
                image, ids.of(record, image), captioned || record.has("caption") ? record.texts("caption") : List.of());
    }

    @Override
    public String idKey() {
        return "image";
    }

    /** None, as several records may be of one image. */
    @Override
    public @Nullable String id(ImageCaptions record) {
        return null;
    }
}
