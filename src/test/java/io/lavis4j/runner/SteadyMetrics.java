package io.lavis4j.runner;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.tensorboard.Events;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What the metrics of a run say, but for times and memory, which are others each time.
 *
 * @param lines of {@code metrics.jsonl}
 * @param scalars of the event files by name and step
 */
record SteadyMetrics(List<ObjectNode> lines, Map<String, Map<Long, Float>> scalars) {

    private static final ObjectMapper JSON = new ObjectMapper();

    static SteadyMetrics of(RunDirectory run) {
        var lines = new ArrayList<ObjectNode>();
        try {
            for (String line : Files.readAllLines(run.metrics())) {
                var object = (ObjectNode) JSON.readTree(line);
                var names = new ArrayList<String>();
                object.fieldNames().forEachRemaining(names::add);
                object.remove(names.stream().filter(name -> !isSteady(name)).toList());
                lines.add(object);
            }
            var scalars = Events.scalars(run.tensorboard());
            scalars.keySet().removeIf(name -> !isSteady(name));
            return new SteadyMetrics(lines, scalars);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isSteady(String name) {
        return !name.matches("time|.*(seconds|per_second|share|mib)");
    }
}
