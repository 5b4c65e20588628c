package io.lavis4j.dataset.shard;

import io.lavis4j.dataset.DatasetType;
import java.util.List;

/** Tar shards under the name {@code webdataset}, which LAION's entries have as their {@code builder}. */
public final class WebDatasetType implements DatasetType.Provider {

    @Override
    public List<DatasetType> get() {
        return List.of(new DatasetType("webdataset", WebDatasetConfig::read));
    }
}
