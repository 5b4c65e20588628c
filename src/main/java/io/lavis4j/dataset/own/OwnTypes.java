package io.lavis4j.dataset.own;

import io.lavis4j.dataset.DatasetType;
import java.util.List;

/** {@code image_folder}, images with texts beside them, and {@code image_text}, records with columns to choose. */
public final class OwnTypes implements DatasetType.Provider {

    @Override
    public List<DatasetType> get() {
        return List.of(
                new DatasetType("image_folder", OwnConfig::readFolders),
                new DatasetType("image_text", OwnConfig::readTables));
    }
}
