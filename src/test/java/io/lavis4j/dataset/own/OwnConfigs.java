package io.lavis4j.dataset.own;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.lavis4j.config.Section;
import io.lavis4j.dataset.DatasetType;
import io.lavis4j.dataset.TestText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/** Entries of {@code datasets}, and what they make of files. */
final class OwnConfigs {

    private OwnConfigs() {}

    @SuppressWarnings("unchecked")
    static OwnConfig read(String builder, String yaml, Path dataRoot) throws IOException {
        Map<String, Object> values = yaml.isEmpty() ? Map.of() : new YAMLMapper().readValue(yaml, Map.class);
        var root = Section.root(values);
        var config = root.read(section -> DatasetType.read(builder, section, dataRoot));
        root.requireValid();
        return (OwnConfig) Objects.requireNonNull(config);
    }

    /** Writes a file, and its folder if need be. */
    static Path write(Path root, String path, String content) throws IOException {
        var file = root.resolve(path);
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        return Files.writeString(file, content);
    }

    static List<String> ids(ImageTextDataset dataset) {
        return IntStream.range(0, dataset.size()).mapToObj(dataset::instanceId).toList();
    }

    /** Ids and first texts. */
    static List<String> captions(ImageTextDataset dataset) {
        var captions = new ArrayList<String>();
        for (int i = 0; i < dataset.size(); i++) {
            captions.add(dataset.instanceId(i) + ": "
                    + dataset.sample(i, TestText.AS_IT_IS).texts().textInput());
        }
        return captions;
    }
}
