package io.lavis4j.metric.meteor;

/** How METEOR matches words, in its order; a variant of the metric uses the first few. */
enum MeteorModule {
    EXACT(0, 1.0),
    STEM(1, 0.6),
    SYNONYM(2, 0.8),
    PARAPHRASE(3, 0.6);

    private final int index;
    private final double weight;

    MeteorModule(int index, double weight) {
        this.index = index;
        this.weight = weight;
    }

    /** Place among the numbers of {@link MeteorStats}. */
    int index() {
        return index;
    }

    /** In the score; tuned to rank translations. */
    double weight() {
        return weight;
    }
}
