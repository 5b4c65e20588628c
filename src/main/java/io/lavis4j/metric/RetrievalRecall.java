package io.lavis4j.metric;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Recall at 1, 5 and 10 of image-text retrieval, in percent, under LAVIS's names.
 *
 * @param text of images to texts: {@code txt_r1}, {@code txt_r5}, {@code txt_r10}; an image is found by any of its
 *     texts
 * @param image of texts to images: {@code img_r1}, {@code img_r5}, {@code img_r10}
 */
public record RetrievalRecall(At text, At image) {

    private static final int[] DEPTHS = {1, 5, 10};

    /** Recall among the first 1, 5 and 10, percent. */
    public record At(double r1, double r5, double r10) {

        /** Of the three. */
        public double mean() {
            return (r1 + r5 + r10) / 3;
        }
    }

    /**
     * Ranks texts by image and images by text.
     *
     * <p>LAVIS leaves the order of equal scores to chance; here a wrong candidate comes before a right one of the same
     * score, so a constant score finds nothing.
     *
     * @param imageToText (images, texts), higher is better; candidates that were not scored hold -100 in LAVIS
     * @param textToImage (texts, images)
     * @param textsOfImage for each image its texts, at least one
     * @param imageOfText for each text its image
     * @throws IllegalArgumentException if sizes or indices do not fit, or a score is NaN
     */
    public static RetrievalRecall of(
            double[][] imageToText, double[][] textToImage, List<int[]> textsOfImage, int[] imageOfText) {
        int images = textsOfImage.size();
        int texts = imageOfText.length;
        check("image-to-text scores", imageToText, images, texts);
        check("text-to-image scores", textToImage, texts, images);
        var textRanks = new int[images];
        for (int image = 0; image < images; image++) {
            textRanks[image] = rank(imageToText[image], textsOfImage.get(image), "image " + image, "texts");
        }
        var imageRanks = new int[texts];
        for (int text = 0; text < texts; text++) {
            imageRanks[text] = rank(textToImage[text], new int[] {imageOfText[text]}, "text " + text, "images");
        }
        return ofRanks(textRanks, imageRanks);
    }

    /**
     * Recalls of ranks, from 0.
     *
     * @param textRanks for each image the rank of the best of its texts
     * @param imageRanks for each text the rank of its image
     */
    public static RetrievalRecall ofRanks(int[] textRanks, int[] imageRanks) {
        return new RetrievalRecall(recall(textRanks), recall(imageRanks));
    }

    private static void check(String what, double[][] scores, int rows, int columns) {
        if (rows == 0 || columns == 0) {
            throw new IllegalArgumentException(
                    "%s: expected at least one image and one text, got %d rows of %d".formatted(what, rows, columns));
        }
        if (scores.length != rows) {
            throw new IllegalArgumentException("%s: expected %d rows, got %d".formatted(what, rows, scores.length));
        }
        for (int i = 0; i < rows; i++) {
            if (scores[i].length != columns) {
                throw new IllegalArgumentException(
                        "%s, row %d: expected %d scores, got %d".formatted(what, i, columns, scores[i].length));
            }
        }
    }

    /**
     * How many wrong candidates come before the best right one, or have its score.
     *
     * @param scores of all candidates, higher is better
     * @param right indices of those that are right, at least one
     * @param query for messages: {@code image 3}
     * @param candidates for messages: {@code texts}
     * @throws IllegalArgumentException if an index does not fit, or a score is NaN
     */
    public static int rank(double[] scores, int[] right, String query, String candidates) {
        if (right.length == 0) {
            throw new IllegalArgumentException(
                    "%s has none of the %s; expected at least one".formatted(query, candidates));
        }
        var isRight = new boolean[scores.length];
        double best = Double.NEGATIVE_INFINITY;
        for (int index : right) {
            if (index < 0 || index >= scores.length) {
                throw new IllegalArgumentException("%s names number %d of the %s; expected 0 to %d"
                        .formatted(query, index, candidates, scores.length - 1));
            }
            isRight[index] = true;
            best = Math.max(best, scores[index]);
        }
        int rank = 0;
        for (int i = 0; i < scores.length; i++) {
            if (Double.isNaN(scores[i])) {
                throw new IllegalArgumentException(
                        "%s: score %d of the %s is NaN, expected a number".formatted(query, i, candidates));
            }
            rank += !isRight[i] && scores[i] >= best ? 1 : 0;
        }
        return rank;
    }

    private static At recall(int[] ranks) {
        var percents = Arrays.stream(DEPTHS)
                .mapToDouble(depth -> 100.0
                        * Arrays.stream(ranks).filter(rank -> rank < depth).count()
                        / ranks.length)
                .toArray();
        return new At(percents[0], percents[1], percents[2]);
    }

    /** LAVIS's {@code agg_metrics}, by which it keeps the best checkpoint: the mean of the text recalls only. */
    public double aggregate() {
        return text.mean();
    }

    /** All numbers by LAVIS's names, in LAVIS's order. */
    public Map<String, Double> metrics() {
        var metrics = new LinkedHashMap<String, Double>();
        put(metrics, "txt", text);
        put(metrics, "img", image);
        metrics.put("r_mean", (text.mean() + image.mean()) / 2);
        metrics.put("agg_metrics", aggregate());
        return Collections.unmodifiableMap(metrics);
    }

    private static void put(Map<String, Double> metrics, String name, At recall) {
        metrics.put(name + "_r1", recall.r1());
        metrics.put(name + "_r5", recall.r5());
        metrics.put(name + "_r10", recall.r10());
        metrics.put(name + "_r_mean", recall.mean());
    }
}
