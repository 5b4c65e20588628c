package io.lavis4j.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Documents and interpolations beside what OmegaConf makes of them; {@code config_cases.py} has written both. */
class OmegaConfParityTest {

    private final JsonNode cases;

    OmegaConfParityTest() throws IOException {
        cases = new ObjectMapper()
                .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
                .readTree(Path.of("src/test/resources/configs/omegaconf.json").toFile());
    }

    /** With all numbers of one kind; an infinity is a text in the cases. */
    private static @Nullable Object plain(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            var copy = new LinkedHashMap<Object, @Nullable Object>();
            map.forEach((key, element) -> copy.put(key, plain(element)));
            return copy;
        }
        if (value instanceof List<?> list) {
            var copy = new ArrayList<@Nullable Object>();
            list.forEach(element -> copy.add(plain(element)));
            return copy;
        }
        if (value instanceof Double number && Double.isInfinite(number)) {
            return number > 0 ? "inf" : "-inf";
        }
        return value instanceof Integer || value instanceof Long ? new BigInteger(value.toString()) : value;
    }

    private static @Nullable Object value(@Nullable JsonNode node) {
        return new ObjectMapper()
                .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
                .convertValue(node, Object.class);
    }

    @Test
    void documentsHaveTheValuesThatOmegaConfReads() {
        assertThat(cases.get("documents")).hasSizeGreaterThan(200);
        for (var document : cases.get("documents")) {
            String yaml = document.get("yaml").asText();
            assertThat(plain(YamlReader.value("a.yaml", yaml))).as(yaml).isEqualTo(value(document.get("value")));
        }
    }

    @Test
    void interpolationsHaveTheValuesOfOmegaConfOrAreRefusedAsThere() {
        assertThat(cases.get("interpolations")).hasSizeGreaterThan(300);
        for (var interpolation : cases.get("interpolations")) {
            String text = interpolation.get("text").asText();
            if (interpolation.has("refused")) {
                assertThat(refused(text)).as(text).isNotEmpty();
            } else {
                assertThat(plain(resolved(text))).as(text).isEqualTo(value(interpolation.get("value")));
            }
        }
    }

    private @Nullable Object resolved(String text) {
        var tree = YamlReader.parse("base.yaml", cases.get("base").toString());
        tree.putAll(YamlReader.parse(
                "p.yaml",
                "p: {v: %s, w: 7, l: [1, '${..w}', '${.0}'], q: {r: '${..w}'}}"
                        .formatted(new ObjectMapper().valueToTree(text).toString())));
        return new Resolution(tree, name -> cases.at("/environment/" + name).asText(null), new HashSet<>())
                .value("p", "v");
    }

    private List<String> refused(String text) {
        try {
            return fail("%s has the value %s", text, resolved(text));
        } catch (ConfigException e) {
            return e.problems();
        }
    }
}
