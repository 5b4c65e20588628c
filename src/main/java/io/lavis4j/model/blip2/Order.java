package io.lavis4j.model.blip2;

import java.util.Comparator;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/** Indices in an order. */
final class Order {

    private Order() {}

    /** The indices 0 to before {@code count}, those of the smallest numbers first; of equal ones the lower first. */
    static int[] by(IntToDoubleFunction number, int count) {
        return IntStream.range(0, count)
                .boxed()
                .sorted(Comparator.comparingDouble(number::applyAsDouble))
                .mapToInt(Integer::intValue)
                .toArray();
    }
}
