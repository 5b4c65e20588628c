package io.lavis4j.checkpoint;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Python's {@code tuple}, and also {@code torch.Size}.
 *
 * @param values may contain null
 */
public record Tuple(List<@Nullable Object> values) {
    public Tuple {
        values = Collections.unmodifiableList(new ArrayList<>(values));
    }
}
