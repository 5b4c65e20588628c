package io.lavis4j.quickstart;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The content of an image of the corpus.
 *
 * @param place ground and sky
 * @param horizon pixels from the upper edge
 * @param speckles small marks on the ground
 * @param objects two, the left one first
 */
record Scene(Place place, int horizon, List<Speckle> speckles, List<Thing> objects) {

    static final int WIDTH = 128;
    static final int HEIGHT = 96;

    private static final List<Shape> SHAPES = List.of(Shape.values());
    private static final int SPECKLES = 6;

    /** How far an object's colour may be from the plain one, per channel. */
    private static final int JITTER = 12;

    Scene {
        speckles = List.copyOf(speckles);
        objects = List.copyOf(objects);
    }

    /** A mark of 2 x 2 pixels. */
    record Speckle(int left, int top, int rgb) {}

    /**
     * An object.
     *
     * @param colour its name
     * @param rgb its colour
     * @param x of its centre, in pixels
     * @param y of its centre, in pixels
     * @param radius in pixels
     * @param margin pixels between it and the edge of its region
     */
    record Thing(Colour colour, int rgb, Shape shape, int x, int y, int radius, int margin) {

        int left() {
            return x - radius - margin;
        }

        int top() {
            return y - radius - margin;
        }

        /** Width and height of the region. */
        int side() {
            return 2 * (radius + margin);
        }
    }

    Pair pair(Thing thing) {
        return new Pair(thing.colour(), place);
    }

    /** The thing that the annotator points at: {@code a red kite on the beach}. */
    String clue(Thing thing) {
        return "a %s %s %s".formatted(thing.colour().word(), thing.shape().word(), place.phrase());
    }

    /** A scene with objects of these colours, all else drawn by lot. */
    static Scene draw(Place place, Colour left, Colour right, Random random) {
        int horizon = between(random, HEIGHT / 4, HEIGHT / 2);
        var speckles = new ArrayList<Speckle>();
        for (int i = 0; i < SPECKLES; i++) {
            speckles.add(new Speckle(
                    random.nextInt(WIDTH - 2),
                    between(random, horizon, HEIGHT - 3),
                    jittered(place.ground(), 2 * JITTER, random)));
        }
        return new Scene(place, horizon, speckles, List.of(thing(left, 0, random), thing(right, WIDTH / 2, random)));
    }

    private static Thing thing(Colour colour, int half, Random random) {
        int radius = between(random, 17, 22), margin = between(random, 3, 5);
        int reach = radius + margin;
        return new Thing(
                colour,
                jittered(colour.rgb(), JITTER, random),
                SHAPES.get(random.nextInt(SHAPES.size())),
                half + between(random, reach, WIDTH / 2 - 1 - reach),
                between(random, HEIGHT / 2 - 6, HEIGHT - 1 - reach),
                radius,
                margin);
    }

    private static int between(Random random, int low, int high) {
        return low + random.nextInt(high - low + 1);
    }

    private static int jittered(int rgb, int by, Random random) {
        int jittered = 0;
        for (int shift = 16; shift >= 0; shift -= 8) {
            int channel = ((rgb >> shift) & 0xFF) + between(random, -by, by);
            jittered |= Math.max(0, Math.min(255, channel)) << shift;
        }
        return jittered;
    }

    /** The image, painted without AWT's rasteriser, so that its pixels are the same everywhere; (H W), 0xRRGGBB. */
    int[] paint() {
        var pixels = new int[WIDTH * HEIGHT];
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                pixels[y * WIDTH + x] = y < horizon ? place.sky() : place.ground();
            }
        }
        for (var speckle : speckles) {
            for (int i = 0; i < 4; i++) {
                pixels[(speckle.top() + i / 2) * WIDTH + speckle.left() + i % 2] = speckle.rgb();
            }
        }
        objects.forEach(thing -> paint(thing, pixels));
        return pixels;
    }

    private static void paint(Thing thing, int[] pixels) {
        for (int y = thing.y() - thing.radius(); y <= thing.y() + thing.radius(); y++) {
            for (int x = thing.x() - thing.radius(); x <= thing.x() + thing.radius(); x++) {
                int at = y * WIDTH + x;
                pixels[at] = mixed(pixels[at], thing.rgb(), coverage(thing, x, y));
            }
        }
    }

    /** How many of the pixel's 16 sample points are inside. */
    private static int coverage(Thing thing, int x, int y) {
        int inside = 0;
        for (int i = 0; i < 16; i++) {
            int row = i / 4;
            double dx = (x - thing.x() + (i % 4 - 1.5) / 4) / thing.radius();
            double dy = (y - thing.y() + (row - 1.5) / 4) / thing.radius();
            inside += thing.shape().covers(dx, dy) ? 1 : 0;
        }
        return inside;
    }

    private static int mixed(int under, int over, int sixteenths) {
        int mixed = 0;
        for (int shift = 16; shift >= 0; shift -= 8) {
            int sum = ((under >> shift) & 0xFF) * (16 - sixteenths) + ((over >> shift) & 0xFF) * sixteenths;
            mixed |= ((sum + 8) / 16) << shift;
        }
        return mixed;
    }
}
