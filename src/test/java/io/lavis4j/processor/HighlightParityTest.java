package io.lavis4j.processor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.golden.Golden;
import io.lavis4j.image.Box;
import io.lavis4j.image.RegionHighlight;
import io.lavis4j.image.RegionMode;
import io.lavis4j.image.Regions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Regions drawn by Pillow, with the boxes of Sherlock's records. Exact. The images lie in the folder
 * {@code golden_highlight} of the corpus that the system property {@code sherlock.root} names.
 */
class HighlightParityTest {

    @TestFactory
    Stream<DynamicTest> regionsAreDrawnAsPillowDraws() {
        var folder =
                Path.of(System.getProperty("sherlock.root", "src/test/resources/sherlock_mini"), "golden_highlight");
        var tests = new Golden.Tests(Golden.at(folder), new ArrayList<>());
        var items = tests.golden().json("index.json").get("items");
        assertThat(items).isNotEmpty();
        for (JsonNode item : items) {
            String before = item.get("decoded").asText();
            String after = item.get("highlighted").asText();
            for (var path : ImagePath.values()) {
                tests.add("%s, %s".formatted(after, path), () -> {
                    var file = folder.resolve(before);
                    var regions = regions(item);
                    ReferenceImages.assertSame(
                            path.pixels(file, regions, List.of()), ReferenceImages.png(folder.resolve(after)));
                    int[] size = path.size(file);
                    assertThat(RegionHighlight.fits(regions, size[0], size[1]))
                            .isEqualTo(item.path("scaled").asBoolean(true));
                });
            }
        }
        return tests.collected().stream();
    }

    private static Regions regions(JsonNode item) {
        var boxes = new ArrayList<Box>();
        for (JsonNode box : item.get("bboxes")) {
            boxes.add(new Box(
                    box.get("left").asInt(),
                    box.get("top").asInt(),
                    box.get("width").asInt(),
                    box.get("height").asInt()));
        }
        var declared = item.path("declared");
        return new Regions(
                boxes, declared.path("width").asInt(0), declared.path("height").asInt(0), RegionMode.HIGHLIGHT);
    }
}
