package io.lavis4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class TraceTest {

    private static final List<String> LAYERS =
            List.of("vit.blocks.0.attn.qkv", "vit.blocks.0.mlp.fc1", "vit.blocks.1.norm");

    static {
        Libtorch.load();
    }

    @TempDir
    private Path folder;

    private final PointerScope scope = new PointerScope();
    private final Map<String, Tensor> parameters = new LinkedHashMap<>();

    TraceTest() {
        LAYERS.forEach(layer -> parameters.put(layer + ".weight", torch.ones(1)));
    }

    @AfterEach
    void close() {
        scope.close();
    }

    /** As a model's forward pass: each layer once, in a part. */
    private void forward() {
        try (var span = Trace.span("forward")) {
            parameters.values().forEach(weight -> LayerOutputs.of(weight, weight));
        }
    }

    private static List<JsonNode> spans(JsonNode trace, String category) {
        var spans = new ArrayList<JsonNode>();
        trace.path("traceEvents").forEach(event -> {
            if (event.path("cat").asText().equals(category)) {
                spans.add(event);
            }
        });
        return spans;
    }

    private static List<String> names(JsonNode trace, String category) {
        return spans(trace, category).stream()
                .map(span -> span.path("name").asText())
                .toList();
    }

    @Test
    void layersLieInTheirModulesAndThoseInThePart() throws IOException {
        var file = folder.resolve("trace.json");
        try (var trace = Trace.open(file, Trace.Steps.ALL)) {
            Trace.name(parameters);
            forward();
        }

        var read = new ObjectMapper().readTree(file.toFile());
        assertThat(names(read, "layer")).isEqualTo(LAYERS);
        assertThat(names(read, "module"))
                .containsExactly(
                        "vit.blocks.0.attn", "vit.blocks.0.mlp", "vit.blocks.0", "vit.blocks.1", "vit.blocks", "vit");
        assertThat(names(read, "part")).containsExactly("forward");
        var forward = spans(read, "part").get(0);
        for (var span : spans(read, "module")) {
            assertThat(span.path("ts").asDouble())
                    .isGreaterThanOrEqualTo(forward.path("ts").asDouble());
            assertThat(span.path("ts").asDouble() + span.path("dur").asDouble())
                    .isLessThanOrEqualTo(
                            forward.path("ts").asDouble() + forward.path("dur").asDouble() + 1e-3);
            assertThat(span.path("tid").asLong())
                    .isEqualTo(Thread.currentThread().getId());
        }
        assertThat(read.path("traceEvents").findValuesAsText("ph")).contains("M");
        assertThat(read.toString()).contains(Thread.currentThread().getName());
    }

    @Test
    void onlyTheStepsAskedForAreKeptAndTheFileIsCompressedByItsName() throws IOException {
        var file = folder.resolve("trace.json.gz");
        try (var trace = Trace.open(file, new Trace.Steps(2, 3))) {
            for (int i = 0; i < 5; i++) {
                Trace.step();
                forward();
            }
        }

        try (var in = new GZIPInputStream(Files.newInputStream(file))) {
            assertThat(names(new ObjectMapper().readTree(in), "part")).containsExactly("forward", "forward");
        }
    }

    @Test
    void aTraceOfStepsThatNeverCameSaysSo() {
        var warnings = new ListAppender<ILoggingEvent>();
        var logger = (Logger) LoggerFactory.getLogger(Trace.class);
        warnings.start();
        logger.addAppender(warnings);
        try (var trace = Trace.open(folder.resolve("trace.json"), new Trace.Steps(3, 22))) {
            Trace.step();
            forward();
        } finally {
            logger.detachAppender(warnings);
        }
        assertThat(warnings.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly(
                        folder.resolve("trace.json") + " has no spans: steps 3 to 22 were asked for, and there were 1");
    }

    @Test
    void nothingIsNotedWithoutATrace() {
        assertThat(Trace.span("forward")).isSameAs(Trace.span("backward"));
    }

    @Test
    void thereIsOneAtATime() {
        try (var trace = Trace.open(folder.resolve("one.json"), Trace.Steps.ALL)) {
            assertThatThrownBy(() -> Trace.open(folder.resolve("two.json"), Trace.Steps.ALL))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("another is open");
        }
        assertThat(folder.resolve("two.json")).doesNotExist();
    }

    /** A program that ends inside a part. */
    static final class Ended {
        private Ended() {}

        public static void main(String[] arguments) {
            Trace.open(Path.of(arguments[0]), Trace.Steps.ALL);
            Trace.span("done").close();
            Trace.span("in work");
            System.exit(3);
        }
    }

    @Test
    void aProcessThatEndsLeavesWhatWasDone() throws IOException, InterruptedException {
        var file = folder.resolve("trace.json");
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Ended.class.getName(),
                        file.toString())
                .redirectErrorStream(true)
                .start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(output).isEqualTo(3);
        assertThat(names(new ObjectMapper().readTree(file.toFile()), "part")).containsExactly("done");
    }
}
