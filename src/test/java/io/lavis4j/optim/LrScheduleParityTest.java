package io.lavis4j.optim;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.golden.Golden;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class LrScheduleParityTest {

    @TestFactory
    Stream<DynamicTest> equalsTheReference() {
        return Golden.tests("h_schedules", t -> {
            for (var schedule : t.golden().json("expected.json").path("schedules")) {
                t.add(
                        schedule.get("scheduler").asText() + " " + schedule.get("kwargs"),
                        () -> equalOnTheGrid(schedule));
            }
        });
    }

    private static void equalOnTheGrid(JsonNode json) {
        var kwargs = json.get("kwargs");
        var schedule = new LrSchedule(
                ScheduleType.registry().get(json.get("scheduler").asText()),
                kwargs.path("max_epoch").asInt(1),
                kwargs.get("init_lr").asDouble(),
                kwargs.path("min_lr").asDouble(0),
                kwargs.path("warmup_start_lr").asDouble(-1),
                kwargs.path("warmup_steps").asLong(0),
                kwargs.path("decay_rate").asDouble(1));
        assertThat(json.get("grid_epoch_step_lr")).isNotEmpty();
        for (var point : json.get("grid_epoch_step_lr")) {
            double expected = point.get(2).asDouble();
            assertThat(schedule.lr(point.get(0).asInt(), point.get(1).asLong()))
                    .as("epoch %s, step %s", point.get(0), point.get(1))
                    .isCloseTo(expected, Offset.offset(1e-15 * expected));
        }
    }
}
