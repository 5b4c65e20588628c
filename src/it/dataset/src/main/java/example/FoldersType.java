package example;

import io.lavis4j.dataset.DatasetType;
import java.util.List;

/** Adds the data set {@code folders} to every configuration that this jar is beside. */
public final class FoldersType implements DatasetType.Provider {

    @Override
    public List<DatasetType> get() {
        return List.of(new DatasetType("folders", FoldersConfig::read));
    }
}
