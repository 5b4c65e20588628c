package io.lavis4j.processor;

import io.lavis4j.image.RgbImage;
import io.lavis4j.tensor.Precision;
import java.nio.FloatBuffer;

/** An image processor that first plans, where alone it draws, and then only computes. */
public final class PlannedProcessor implements ImageProcessor {

    private final Planner planner;
    private final Normalization normalization;
    private final boolean fastDecode;
    private final float[] table;
    private final short[] halves;
    private final short[] bfloats;

    PlannedProcessor(Planner planner, Normalization normalization, boolean fastDecode) {
        this.planner = planner;
        this.normalization = normalization;
        this.fastDecode = fastDecode;
        this.table = normalization.table();
        halves = PixelBuffer.rounded(table, Precision.FP16);
        bfloats = PixelBuffer.rounded(table, Precision.BF16);
    }

    @Override
    public int imageSize() {
        return planner.imageSize();
    }

    @Override
    public boolean isRandom() {
        return planner instanceof RandomCrop;
    }

    @Override
    public String identity() {
        return toString();
    }

    /** How the result is scaled. */
    public Normalization normalization() {
        return normalization;
    }

    /**
     * Whether native code may decode a JPEG image at a half, a quarter or an eighth of its size, the smallest that its
     * crop can still be shrunk from; {@code fast_decode}, off unless asked for, and not in LAVIS.
     *
     * <p>The pixels are then not Pillow's. Of images like photographs, 1920 x 1080, those of a training crop of 364
     * differ by 0.7 levels of 255 on average and by up to 29, those of a whole image at 224 by 1.2 and up to 39; the
     * time is about two thirds and a half. Regions keep their place, and their frames the part of each pixel that they
     * would have. Images that are shrunk less than twofold, or not JPEG, do not change. Plain Java always decodes
     * exactly.
     */
    public boolean fastDecode() {
        return fastDecode;
    }

    /** Decides what is done to an image of this size. */
    public ImagePlan plan(int width, int height, SampleRandom random) {
        return planner.plan(width, height, random);
    }

    @Override
    public void process(RgbImage image, SampleRandom random, FloatBuffer out) {
        PixelBuffer.of(out).requireRoom(imageSize());
        Normalization.apply(plan(image.width(), image.height(), random).apply(image), table, out);
    }

    /** The new value of every level, (3, 256); not to be changed. */
    float[] table() {
        return table;
    }

    /** The new value of every level in 16 bits, (3, 256); not to be changed. */
    short[] table16(Precision precision) {
        return precision == Precision.FP16 ? halves : bfloats;
    }

    @Override
    public String toString() {
        return planner + ", " + normalization + (fastDecode ? ", fast_decode" : "");
    }
}
