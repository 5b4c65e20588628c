package io.lavis4j.metric;

/** CIDEr-D (Vedantam et al., arXiv:1411.5726, section 6), n = 1 to 4, sigma = 6, as the COCO evaluation computes it. */
final class CiderD {

    static final String NAME = "CIDEr";

    private static final double SIGMA = 6;

    private final NgramCorpus corpus;
    private final double[] inverseDocumentFrequency; // by document frequency

    private CiderD(NgramCorpus corpus) {
        this.corpus = corpus;
        inverseDocumentFrequency = new double[corpus.items() + 1];
        for (int df = 0; df <= corpus.items(); df++) {
            inverseDocumentFrequency[df] = Math.log(corpus.items()) - Math.log(Math.max(1, df));
        }
    }

    /** One score per item, 0 to 10; the corpus's is the mean. All weights are 0 in a corpus of one item. */
    static double[] items(NgramCorpus corpus) {
        var cider = new CiderD(corpus);
        var scores = new double[corpus.items()];
        for (int item = 0; item < scores.length; item++) {
            scores[item] = cider.score(item);
        }
        return scores;
    }

    private double score(int item) {
        int hypothesis = corpus.hypothesis(item);
        var norms = new double[NgramCorpus.MAX_ORDER];
        for (int n = 1; n <= norms.length; n++) {
            norms[n - 1] = norm(hypothesis, n);
        }
        double sum = 0;
        for (int reference = hypothesis + 1; reference < corpus.end(item); reference++) {
            double delta = bigrams(hypothesis) - bigrams(reference);
            double similarity = 0;
            for (int n = 1; n <= norms.length; n++) {
                double product = product(hypothesis, reference, n);
                double scale = norms[n - 1] * norm(reference, n);
                similarity += scale == 0 ? product : product / scale;
            }
            sum += similarity / norms.length * Math.exp(-delta * delta / (2 * SIGMA * SIGMA));
        }
        return 10 * sum / (corpus.end(item) - hypothesis - 1);
    }

    /** The lengths that CIDEr-D compares. */
    private int bigrams(int caption) {
        return Math.max(0, corpus.length(caption) - 1);
    }

    private double weight(int position) {
        return corpus.count(position) * inverseDocumentFrequency[corpus.documentFrequency(position)];
    }

    private double norm(int caption, int n) {
        double sum = 0;
        for (int i = corpus.start(caption, n); i < corpus.start(caption, n + 1); i++) {
            double weight = weight(i);
            sum += weight * weight;
        }
        return Math.sqrt(sum);
    }

    /** Sum over common n-grams of min(h, r) r. */
    private double product(int hypothesis, int reference, int n) {
        double sum = 0;
        int i = corpus.start(hypothesis, n);
        int j = corpus.start(reference, n);
        int end = corpus.start(hypothesis, n + 1);
        int last = corpus.start(reference, n + 1);
        while (i < end && j < last) {
            int order = Integer.compare(corpus.id(i), corpus.id(j));
            if (order == 0) {
                double weight = weight(j);
                sum += Math.min(weight(i), weight) * weight;
            }
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }
        return sum;
    }
}
