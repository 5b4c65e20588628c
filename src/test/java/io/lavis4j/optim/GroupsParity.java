package io.lavis4j.optim;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.model.blip2.Blip2Case;
import java.util.List;
import org.assertj.core.data.Offset;

/** Compares parameter groups with those of the reference: order, members, decay, scale. */
public final class GroupsParity {

    private GroupsParity() {}

    public static void assertEqual(List<ParameterGroup> groups, JsonNode expected) {
        assertThat(groups).hasSize(expected.size());
        for (int i = 0; i < groups.size(); i++) {
            var group = groups.get(i);
            assertThat(group.parameters().keySet())
                    .as("group " + i)
                    .containsExactlyElementsOf(Blip2Case.strings(expected.get(i).get("params")));
            assertThat(group.weightDecay())
                    .isEqualTo(expected.get(i).get("weight_decay").asDouble());
            assertThat(group.lrScale())
                    .isCloseTo(expected.get(i).get("lr_scale").asDouble(), Offset.offset(1e-12));
        }
    }
}
