package io.lavis4j.metric.meteor;

/**
 * METEOR with all or with the first few of its modules. Scores of a reduced variant are lower than METEOR's, and those
 * of different variants cannot be compared, so each has a name of its own.
 */
public enum MeteorVariant {
    /** Equal words only. */
    EXACT("METEOR_exact", MeteorModule.EXACT),
    /** And words with the same stem. */
    EXACT_STEM("METEOR_exact_stem", MeteorModule.STEM),
    /** And words in the same set of synonyms. */
    EXACT_STEM_SYNONYM("METEOR_exact_stem_synonym", MeteorModule.SYNONYM),
    /** And phrases of the paraphrase table: METEOR 1.5 for English. */
    FULL("METEOR", MeteorModule.PARAPHRASE);

    private final String metric;
    private final MeteorModule last;

    MeteorVariant(String metric, MeteorModule last) {
        this.metric = metric;
        this.last = last;
    }

    /** The name that scores of this variant carry; LAVIS's {@code METEOR} for the full metric. */
    public String metric() {
        return metric;
    }

    boolean uses(MeteorModule module) {
        return module.compareTo(last) <= 0;
    }
}
