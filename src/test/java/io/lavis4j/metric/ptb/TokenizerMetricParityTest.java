package io.lavis4j.metric.ptb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.metric.MetricFiles;
import java.util.ArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Tokens of the COCO caption evaluation, before and after it drops punctuation. */
class TokenizerMetricParityTest {

    @TestFactory
    Stream<DynamicTest> everyTextHasTheTokensOfTheReference() {
        var tests = new ArrayList<DynamicTest>();
        for (var file : MetricFiles.of("tokenizer")) {
            tests.add(dynamicTest(file.getFileName().toString(), () -> assertTokens(MetricFiles.json(file))));
        }
        return tests.stream();
    }

    private static void assertTokens(JsonNode file) {
        var tokenizer = new PtbTokenizer();
        assertThat(file.get("items")).isNotEmpty().allSatisfy(item -> {
            var text = item.get("text").textValue();
            assertThat(String.join(" ", tokenizer.tokens(text)))
                    .as("all tokens of <%s>", text)
                    .isEqualTo(item.get("ptb").textValue());
            assertThat(tokenizer.tokenize(text))
                    .as("tokens of <%s>", text)
                    .isEqualTo(item.get("tokens").textValue());
        });
    }
}
