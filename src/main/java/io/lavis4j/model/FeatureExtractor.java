package io.lavis4j.model;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A model whose features are of use by themselves, LAVIS's {@code extract_features}. */
public interface FeatureExtractor extends BaseModel {

    /** The inputs that features are made of. */
    enum Mode {
        /** The image alone. */
        IMAGE,
        /** The text alone. */
        TEXT,
        /** Both at once. */
        MULTIMODAL
    }

    /**
     * Features, owned by the scope that was open when they were asked for.
     *
     * @param embeds (B, Q, D) of an image or of both, (B, T, D) of a text
     * @param projected unit vectors (B, Q, E) or (B, T, E), whose products are cosines; {@code null} for both at once
     */
    record Features(Tensor embeds, @Nullable Tensor projected) {}

    /**
     * Extracts features.
     *
     * @param image (B, 3, S, S), float32, on the model's device; {@code null} with {@link Mode#TEXT}
     * @param texts B texts; empty with {@link Mode#IMAGE}
     */
    Features extractFeatures(@Nullable Tensor image, List<String> texts, Mode mode);
}
