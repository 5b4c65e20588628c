package io.lavis4j.processor;

import io.lavis4j.config.Section;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Image processors by the names and arguments that LAVIS's configuration files give them. */
public final class ImageProcessors {

    private static final double MAX_SCALE = 1;

    /** LAVIS's processors. */
    public static final class Lavis implements ImageProcessorType.Provider {

        @Override
        public List<ImageProcessorType> get() {
            return List.of(
                    type("blip_image_train", s -> crop(s, 384, 0.5, true, true)),
                    type("blip2_image_train", s -> crop(s, 364, 0.5, true, false)),
                    type("clip_image_train", s -> crop(s, 224, 0.9, false, false)),
                    type("blip_image_eval", s -> new SquareResize(s.integer("image_size", 384))),
                    type("clip_image_eval", s -> new CentreCrop(s.integer("image_size", 224))));
        }
    }

    private ImageProcessors() {}

    private static ImageProcessorType type(String name, Function<Section, Planner> planner) {
        return new ImageProcessorType(
                name, s -> new PlannedProcessor(planner.apply(s), normalization(s), s.flag("fast_decode", false)));
    }

    /**
     * Reads {@code name} and the arguments beside it. LAVIS's have {@code image_size}, {@code mean} and {@code std}, of
     * training processors {@code min_scale} and {@code max_scale}, and {@code fast_decode}, see
     * {@link PlannedProcessor#fastDecode()}.
     *
     * @return {@code null} if there was any problem, which {@link Section#requireValid()} will throw
     */
    public static @Nullable ImageProcessor read(Section section) {
        var type = ImageProcessorType.registry().read(section, "name");
        return type == null ? null : section.read(type.reader());
    }

    /**
     * LAVIS's {@code blip_image_eval} with its own mean and standard deviation: the whole image as a square.
     *
     * @param imageSize side, pixels
     */
    public static PlannedProcessor blipImageEval(int imageSize) {
        return new PlannedProcessor(new SquareResize(imageSize), Normalization.CLIP, false);
    }

    /**
     * LAVIS's {@code blip2_image_train} with its own arguments: a crop of at least half the area, mirrored or not.
     *
     * @param imageSize side, pixels
     */
    public static PlannedProcessor blip2ImageTrain(int imageSize) {
        return new PlannedProcessor(new RandomCrop(imageSize, 0.5, MAX_SCALE, true, false), Normalization.CLIP, false);
    }

    private static Planner crop(Section section, int imageSize, double minScale, boolean flips, boolean augments) {
        return new RandomCrop(
                section.integer("image_size", imageSize),
                section.number("min_scale", minScale),
                section.number("max_scale", MAX_SCALE),
                flips,
                augments);
    }

    private static Normalization normalization(Section section) {
        return new Normalization(
                numbers(section, "mean", Normalization.CLIP.mean()), numbers(section, "std", Normalization.CLIP.std()));
    }

    private static List<Double> numbers(Section section, String key, List<Double> otherwise) {
        return section.has(key) ? section.numbers(key) : otherwise;
    }
}
