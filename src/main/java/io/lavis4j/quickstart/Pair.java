package io.lavis4j.quickstart;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The two attributes that an inference depends on. */
record Pair(Colour colour, Place place) {

    private static final Map<Place, Set<Colour>> HELD_OUT = Map.of(
            Place.MEADOW, Set.of(Colour.RED, Colour.BLACK),
            Place.BEACH, Set.of(Colour.WHITE),
            Place.STREET, Set.of(Colour.YELLOW),
            Place.DESERT, Set.of(Colour.BLUE, Colour.TEAL),
            Place.GLACIER, Set.of(Colour.RED, Colour.BLACK),
            Place.FAIR, Set.of(Colour.WHITE));

    /** The text that is to be inferred. */
    String inference() {
        return "someone fond of %s came here to %s".formatted(colour.word(), place.verb());
    }

    /** Whether the pair is kept for validation: 9 of the 36, so that every colour and every place is trained on. */
    boolean isHeldOut() {
        return HELD_OUT.getOrDefault(place, Set.of()).contains(colour);
    }

    /** All pairs. */
    static List<Pair> all() {
        return Arrays.stream(Colour.values())
                .flatMap(colour -> Arrays.stream(Place.values()).map(place -> new Pair(colour, place)))
                .toList();
    }
}
