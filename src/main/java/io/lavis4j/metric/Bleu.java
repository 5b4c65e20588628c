package io.lavis4j.metric;

import java.util.stream.IntStream;

/**
 * BLEU (Papineni et al., 2002) of orders 1 to 4 with the closest reference length.
 *
 * <p>As in the COCO evaluation nothing is ever exactly 0 or 1: precision k is (correct + 1e-15) / (guessed + 1e-9).
 *
 * @param corpus BLEU-1 to BLEU-4 from the corpus's summed counts
 * @param items (4, items)
 * @param part BLEU-1 to BLEU-4 of any selection of the items
 */
record Bleu(double[] corpus, double[][] items, Aggregation.Part part) {

    private static final double TINY = 1e-15;
    private static final double SMALL = 1e-9;

    /** LAVIS's name of BLEU-{@code n}. */
    static String name(int n) {
        return "Bleu_" + n;
    }

    static Bleu of(NgramCorpus corpus) {
        var scores = new double[NgramCorpus.MAX_ORDER][corpus.items()];
        var numbers = new double[corpus.items() * Counts.WIDTH];
        var total = new Counts();
        for (int item = 0; item < corpus.items(); item++) {
            var counts = Counts.of(corpus, item);
            total.add(counts);
            System.arraycopy(counts.numbers(), 0, numbers, item * Counts.WIDTH, Counts.WIDTH);
            var bleu = counts.bleu();
            for (int n = 0; n < NgramCorpus.MAX_ORDER; n++) {
                scores[n][item] = bleu[n];
            }
        }
        var names = IntStream.rangeClosed(1, NgramCorpus.MAX_ORDER)
                .mapToObj(Bleu::name)
                .toList();
        var part = new Aggregation.Part(
                names, Counts.WIDTH, numbers, (sums, items) -> Counts.of(sums).bleu());
        return new Bleu(total.bleu(), scores, part);
    }

    /** The counts that BLEU is made of, for one item or summed. */
    private static final class Counts {

        static final int WIDTH = 2 * NgramCorpus.MAX_ORDER + 2;

        private final long[] correct = new long[NgramCorpus.MAX_ORDER];
        private final long[] guessed = new long[NgramCorpus.MAX_ORDER];
        private long length;
        private long referenceLength;

        static Counts of(NgramCorpus corpus, int item) {
            var counts = new Counts();
            int hypothesis = corpus.hypothesis(item);
            counts.length = corpus.length(hypothesis);
            counts.referenceLength = closestLength(corpus, item);
            for (int n = 1; n <= NgramCorpus.MAX_ORDER; n++) {
                counts.guessed[n - 1] = Math.max(0, counts.length - n + 1);
                counts.correct[n - 1] = correct(corpus, item, n);
            }
            return counts;
        }

        /** The counts that {@link #numbers} made. */
        static Counts of(double[] numbers) {
            var counts = new Counts();
            for (int n = 0; n < NgramCorpus.MAX_ORDER; n++) {
                counts.correct[n] = (long) numbers[n];
                counts.guessed[n] = (long) numbers[NgramCorpus.MAX_ORDER + n];
            }
            counts.length = (long) numbers[WIDTH - 2];
            counts.referenceLength = (long) numbers[WIDTH - 1];
            return counts;
        }

        double[] numbers() {
            var numbers = new double[WIDTH];
            for (int n = 0; n < NgramCorpus.MAX_ORDER; n++) {
                numbers[n] = correct[n];
                numbers[NgramCorpus.MAX_ORDER + n] = guessed[n];
            }
            numbers[WIDTH - 2] = length;
            numbers[WIDTH - 1] = referenceLength;
            return numbers;
        }

        /** On a tie the shorter one. */
        private static int closestLength(NgramCorpus corpus, int item) {
            int hypothesis = corpus.hypothesis(item);
            int length = corpus.length(hypothesis);
            int closest = corpus.length(hypothesis + 1);
            for (int reference = hypothesis + 2; reference < corpus.end(item); reference++) {
                int other = corpus.length(reference);
                int nearer = Integer.compare(Math.abs(other - length), Math.abs(closest - length));
                if (nearer < 0 || (nearer == 0 && other < closest)) {
                    closest = other;
                }
            }
            return closest;
        }

        /** N-grams of the hypothesis, each at most as often as in the reference that has it most often. */
        private static long correct(NgramCorpus corpus, int item, int n) {
            int hypothesis = corpus.hypothesis(item);
            int start = corpus.start(hypothesis, n);
            int end = corpus.start(hypothesis, n + 1);
            var clipped = new int[end - start];
            for (int reference = hypothesis + 1; reference < corpus.end(item); reference++) {
                int i = start;
                int j = corpus.start(reference, n);
                int last = corpus.start(reference, n + 1);
                while (i < end && j < last) {
                    int order = Integer.compare(corpus.id(i), corpus.id(j));
                    if (order == 0) {
                        int both = Math.min(corpus.count(i), corpus.count(j));
                        clipped[i - start] = Math.max(clipped[i - start], both);
                    }
                    i += order <= 0 ? 1 : 0;
                    j += order >= 0 ? 1 : 0;
                }
            }
            long sum = 0;
            for (int count : clipped) {
                sum += count;
            }
            return sum;
        }

        void add(Counts other) {
            for (int n = 0; n < NgramCorpus.MAX_ORDER; n++) {
                correct[n] += other.correct[n];
                guessed[n] += other.guessed[n];
            }
            length += other.length;
            referenceLength += other.referenceLength;
        }

        double[] bleu() {
            double ratio = (length + TINY) / (referenceLength + SMALL);
            double brevity = ratio < 1 ? Math.exp(1 - 1 / ratio) : 1;
            var bleu = new double[NgramCorpus.MAX_ORDER];
            double product = 1;
            for (int n = 1; n <= NgramCorpus.MAX_ORDER; n++) {
                product *= (correct[n - 1] + TINY) / (guessed[n - 1] + SMALL);
                bleu[n - 1] = Math.pow(product, 1.0 / n) * brevity;
            }
            return bleu;
        }
    }
}
