package io.lavis4j.dataset.vqa;

import io.lavis4j.dataset.DatasetType;
import java.util.List;

/** Data sets of questions and answers under LAVIS's names. */
public final class VqaTypes implements DatasetType.Provider {

    @Override
    public List<DatasetType> get() {
        return List.of(
                type("coco_vqa", VqaFormat.VQA),
                type("ok_vqa", VqaFormat.VQA),
                type("vg_vqa", VqaFormat.VQA),
                type("aok_vqa", VqaFormat.A_OKVQA),
                type("gqa", VqaFormat.GQA));
    }

    private static DatasetType type(String name, VqaFormat format) {
        return new DatasetType(
                name, (key, entry, processors, dataRoot) -> VqaConfig.read(key, entry, processors, dataRoot, format));
    }
}
