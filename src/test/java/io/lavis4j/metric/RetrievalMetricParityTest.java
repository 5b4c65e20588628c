package io.lavis4j.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Recalls of LAVIS's retrieval report from score matrices, all digits. */
class RetrievalMetricParityTest {

    @TestFactory
    Stream<DynamicTest> recallsAreTheReferences() {
        var tests = new ArrayList<DynamicTest>();
        for (var file : MetricFiles.of("retrieval")) {
            for (var one : MetricFiles.json(file).get("cases")) {
                tests.add(
                        dynamicTest(file.getFileName() + ": " + one.get("name").asText(), () -> assertRecalls(one)));
            }
        }
        assertThat(tests).isNotEmpty();
        return tests.stream();
    }

    private static void assertRecalls(JsonNode one) {
        var recall = RetrievalRecall.of(
                matrix(one.get("score_i2t")),
                matrix(one.get("score_t2i")),
                stream(one.get("img2txt"))
                        .map(RetrievalMetricParityTest::indices)
                        .toList(),
                indices(one.get("txt2img")));
        var names = new ArrayList<String>();
        one.get("expected").fieldNames().forEachRemaining(names::add);
        assertThat(recall.metrics().keySet()).containsExactlyInAnyOrderElementsOf(names);
        recall.metrics()
                .forEach((name, value) -> assertThat(value)
                        .as(name)
                        .isEqualTo(one.get("expected").get(name).doubleValue()));
    }

    private static Stream<JsonNode> stream(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false);
    }

    private static int[] indices(JsonNode list) {
        return stream(list).mapToInt(JsonNode::intValue).toArray();
    }

    private static double[][] matrix(JsonNode rows) {
        List<double[]> matrix = stream(rows)
                .map(row -> stream(row).mapToDouble(JsonNode::doubleValue).toArray())
                .toList();
        return matrix.toArray(double[][]::new);
    }
}
