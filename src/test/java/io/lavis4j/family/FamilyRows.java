package io.lavis4j.family;

import io.lavis4j.model.BaseModel;
import io.lavis4j.model.FeatureExtractor;
import io.lavis4j.zoo.Architecture;
import java.util.List;

/** The rows of the second family, and of one that writes nothing. */
public final class FamilyRows implements Architecture.Provider {

    /** A model of features alone; never made. */
    interface Mute extends BaseModel, FeatureExtractor {}

    @Override
    public List<Architecture<?>> get() {
        return List.of(
                new Architecture<>("blip2_mean", Blip2Mean.class, Blip2MeanType::read, List.of("tiny")),
                new Architecture<>(
                        "blip2_mute",
                        Mute.class,
                        model -> {
                            throw new IllegalArgumentException("no weight is read here");
                        },
                        List.of("tiny")));
    }
}
