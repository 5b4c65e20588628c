package io.lavis4j.quickstart;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** The scenes of the two splits. */
final class Scenes {

    private static final List<Place> PLACES = List.of(Place.values());
    private static final List<Colour> COLOURS = List.of(Colour.values());

    private Scenes() {}

    /** Scenes without held-out pairs. */
    static List<Scene> training(int count, long seed) {
        var random = random(seed, 0);
        var scenes = new ArrayList<Scene>();
        for (int i = 0; i < count; i++) {
            var place = PLACES.get(random.nextInt(PLACES.size()));
            var colours = COLOURS.stream()
                    .filter(colour -> !new Pair(colour, place).isHeldOut())
                    .toList();
            int first = random.nextInt(colours.size());
            int second = (first + 1 + random.nextInt(colours.size() - 1)) % colours.size();
            scenes.add(Scene.draw(place, colours.get(first), colours.get(second), random));
        }
        return scenes;
    }

    /** Scenes of all pairs, each about as often. */
    static List<Scene> validation(int count, long seed) {
        var random = random(seed, 1);
        var scenes = new ArrayList<Scene>();
        for (int i = 0; i < count; i++) {
            var place = PLACES.get(i % PLACES.size());
            int turn = i / PLACES.size(); // every colour is first, then second, equally often
            int first = turn % COLOURS.size();
            int second = (first + 1 + turn / COLOURS.size() % (COLOURS.size() - 1)) % COLOURS.size();
            scenes.add(Scene.draw(place, COLOURS.get(first), COLOURS.get(second), random));
        }
        Collections.shuffle(scenes, random);
        return scenes;
    }

    /** {@link Random}, because its numbers are the same on every Java; splits of one seed have nothing in common. */
    private static Random random(long seed, int split) {
        return new Random(seed * 0x9E3779B97F4A7C15L + split * 0xBF58476D1CE4E5B9L);
    }
}
