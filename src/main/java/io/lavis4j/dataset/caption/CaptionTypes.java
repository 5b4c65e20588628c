package io.lavis4j.dataset.caption;

import io.lavis4j.dataset.BuildInfo;
import io.lavis4j.dataset.DatasetType;
import java.util.List;

/** Captions, pairs of image and text, and retrieval, under LAVIS's names. */
public final class CaptionTypes implements DatasetType.Provider {

    @Override
    public List<DatasetType> get() {
        return List.of(
                captions("coco_caption", ImageIds.NUMBER_OF_FILE),
                captions("flickr30k_caption", ImageIds.NUMBER_OF_FILE),
                captions("nocaps", ImageIds.IMG_ID),
                captions("vg_caption", ImageIds.FILE),
                captions("conceptual_caption_3m", ImageIds.FILE),
                captions("conceptual_caption_12m", ImageIds.FILE),
                captions("sbu_caption", ImageIds.FILE),
                retrieval("coco_retrieval"),
                retrieval("flickr30k"));
    }

    private static DatasetType captions(String name, ImageIds ids) {
        return type(name, ids, false);
    }

    private static DatasetType retrieval(String name) {
        return type(name, ImageIds.NUMBER_OF_FILE, true);
    }

    private static DatasetType type(String name, ImageIds ids, boolean retrieval) {
        return new DatasetType(
                name,
                (key, entry, processors, dataRoot) ->
                        new CaptionConfig(key, BuildInfo.read(entry, dataRoot), processors, ids, retrieval));
    }
}
