package io.lavis4j.quickstart;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the small language model learns from: clues of every kind with what follows from them.
 *
 * <p>Two little worlds. In that of {@link Pair} the inference follows from an object's colour and place. In the other,
 * of which small Sherlock-like corpora are made by hand, it follows from colour and object, from a place alone, or from
 * the first of two objects.
 */
final class LanguageModelText {

    private static final List<String> OTHER_COLOURS = List.of(
            "red", "blue", "green", "yellow", "purple", "orange", "pink", "brown", "grey", "white", "black", "teal");

    private static final Map<String, String> ACTIVITIES = new TreeMap<>(Map.of(
            "ball", "playing outside",
            "box", "moving to a new home",
            "cup", "having a drink",
            "kite", "enjoying the wind",
            "star", "celebrating a holiday"));

    private static final List<String> OTHER_PLACES =
            List.of("on the grass", "by the sea", "in the snow", "by a window", "at night");

    private static final Map<String, String> SCENES = new TreeMap<>(Map.of(
            "green grass under a clear sky", "it is a warm day in the park",
            "blue water behind the sand", "they are on vacation",
            "white snow all over the ground", "it recently snowed",
            "a window with four panes", "this is inside a house",
            "a moon in a dark sky", "it is late at night"));

    private static final List<String> COLOURED_THING = List.of(
            "a %1$s %2$s %3$s",
            "the %2$s %3$s is %1$s",
            "look at the %1$s %2$s %3$s",
            "%3$s a %1$s %2$s",
            "%1$s %2$s %3$s",
            "%3$s %2$s %1$s",
            "the %1$s %2$s %3$s",
            "a %2$s , %1$s , %3$s");

    private static final List<String> COLOURED_PLACE = List.of(
            "%1$s %2$s", "%3$s lies something %1$s", "%1$s %3$s", "%2$s and %1$s", "something %1$s %3$s", "%2$s %1$s");

    private LanguageModelText() {}

    /** The world of the quickstart: every pair under every wording. */
    static List<List<ClueAndInference>> ofPairs() {
        return Pair.all().stream().map(LanguageModelText::of).toList();
    }

    private static List<ClueAndInference> of(Pair pair) {
        var texts = new ArrayList<ClueAndInference>();
        String colour = pair.colour().word(), phrase = pair.place().phrase();
        for (String wording : COLOURED_THING) {
            for (var shape : Shape.values()) {
                texts.add(new ClueAndInference(wording.formatted(colour, shape.word(), phrase), pair.inference()));
            }
        }
        for (String wording : COLOURED_PLACE) {
            var text =
                    new ClueAndInference(wording.formatted(colour, pair.place().word(), phrase), pair.inference());
            texts.addAll(Collections.nCopies(Shape.values().length, text)); // as often as the others
        }
        return texts;
    }

    /** The other world, grouped by what the inference is. */
    static List<List<ClueAndInference>> ofOthers() {
        var groups = new ArrayList<List<ClueAndInference>>();
        ACTIVITIES.forEach((thing, activity) -> {
            for (String colour : OTHER_COLOURS) {
                var inference = "someone who likes %s is %s".formatted(colour, activity);
                groups.add(OTHER_PLACES.stream()
                        .flatMap(place -> COLOURED_THING.stream()
                                .map(wording ->
                                        new ClueAndInference(wording.formatted(colour, thing, place), inference)))
                        .toList());
            }
            var inference = "two people are here, one is " + activity;
            groups.add(ACTIVITIES.keySet().stream()
                    .filter(second -> !second.equals(thing))
                    .map(second -> new ClueAndInference("a %s and a %s".formatted(thing, second), inference))
                    .toList());
        });
        SCENES.forEach((clue, inference) -> groups.add(List.of(new ClueAndInference(clue, inference))));
        return groups;
    }
}
