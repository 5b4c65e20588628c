package io.lavis4j.processor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lavis4j.config.Section;
import io.lavis4j.golden.Golden;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every text of the reference, one test for each processor with its arguments. Exact. */
class TextProcessorParityTest {

    @TestFactory
    Stream<DynamicTest> textsAreThoseOfLavis() {
        return Golden.tests("g_text_processing", tests -> {
            var byProcessor = new LinkedHashMap<Map<String, Object>, SoftAssertions>();
            var cases = tests.golden().json("expected.json").get("cases");
            assertThat(cases).isNotEmpty();
            for (JsonNode textCase : cases) {
                var arguments = arguments(textCase);
                var softly = byProcessor.computeIfAbsent(arguments, key -> new SoftAssertions());
                softly.assertThat(
                                processor(arguments).process(textCase.get("in").asText()))
                        .as(textCase.get("in").toString())
                        .isEqualTo(textCase.get("out").asText());
            }
            byProcessor.forEach((arguments, softly) -> tests.add(arguments.toString(), softly::assertAll));
        });
    }

    private static Map<String, Object> arguments(JsonNode textCase) {
        var arguments = new LinkedHashMap<String, Object>();
        arguments.put("name", textCase.get("processor").asText());
        for (var entry : textCase.get("kwargs").properties()) {
            arguments.put(entry.getKey(), new ObjectMapper().convertValue(entry.getValue(), Object.class));
        }
        return arguments;
    }

    private static TextProcessor processor(Map<String, Object> arguments) {
        var section = Section.root(arguments);
        var processor = TextProcessors.read(section);
        section.requireValid();
        return Objects.requireNonNull(processor);
    }
}
