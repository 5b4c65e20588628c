package io.lavis4j.dataset.sherlock;

import io.lavis4j.dataset.DatasetType;
import java.util.List;

/** Sherlock under LAVIS's name {@code sherlock_caption}. */
public final class SherlockType implements DatasetType.Provider {

    @Override
    public List<DatasetType> get() {
        return List.of(new DatasetType("sherlock_caption", SherlockConfig::read));
    }
}
