package io.lavis4j.image;

import java.io.IOException;
import java.util.Arrays;

/**
 * How the samples of a TIFF image lie in the file and what they mean.
 *
 * @param width as stored, pixels
 * @param height as stored, pixels
 * @param bits of a sample
 * @param format of a sample: unsigned, signed or real
 * @param samples per pixel in the file
 * @param channels per pixel that count, the first ones
 * @param colours what they are
 * @param inPlanes whether each sample has blocks of its own
 * @param compression as in the file
 * @param predictor as in the file
 * @param bitsReversed whether the bits of every byte are in reverse
 * @param blockWidth of a tile, or the image's
 * @param blockHeight of a tile or a strip
 * @param tiled whether blocks are whole at the image's edges
 */
record TiffLayout(
        int width,
        int height,
        int bits,
        int format,
        int samples,
        int channels,
        Colours colours,
        boolean inPlanes,
        int compression,
        int predictor,
        boolean bitsReversed,
        int blockWidth,
        int blockHeight,
        boolean tiled) {

    /** Meanings of a pixel's channels. */
    enum Colours {
        WHITE_IS_ZERO(1),
        GREY(1),
        PALETTE(1),
        RGB(3),
        ASSOCIATED_RGBA(4),
        CMYK(4),
        YCC(3);

        private final int channels;

        Colours(int channels) {
            this.channels = channels;
        }
    }

    static final int RAW = 1;
    static final int CCITT = 2;
    static final int GROUP_4 = 4;
    static final int LZW = 5;
    static final int JPEG = 7;
    static final int DEFLATE = 8;
    static final int OLD_DEFLATE = 32946;
    static final int PACK_BITS = 32773;

    static final int UNSIGNED = 1;
    static final int SIGNED = 2;
    static final int REAL = 3;

    private static final int IN_PLANES = 2;
    private static final int REVERSED = 2;
    private static final int ASSOCIATED_ALPHA = 1;
    private static final int CHROMA_SUBSAMPLING = 530;

    static TiffLayout of(TiffTags tags) throws IOException {
        long width = tags.one(TiffTags.WIDTH, 0), height = tags.one(TiffTags.HEIGHT, 0);
        ImageDecoder.requireDecodable(width, height);
        boolean tiled = !tags.has(TiffTags.STRIP_OFFSETS);
        long blockWidth = tiled ? tags.one(TiffTags.TILE_WIDTH, 0) : width;
        long blockHeight =
                tiled ? tags.one(TiffTags.TILE_HEIGHT, 0) : Math.min(height, tags.one(TiffTags.ROWS_PER_STRIP, height));
        ImageDecoder.requireDecodable(blockWidth, blockHeight);
        int samples = (int) Math.min(Integer.MAX_VALUE, tags.one(TiffTags.SAMPLES, 1));
        long[] extra = tags.all(TiffTags.EXTRA_SAMPLES);
        var colours = colours((int) tags.one(TiffTags.PHOTOMETRIC, 0), samples, extra);
        var layout = new TiffLayout(
                (int) width,
                (int) height,
                same(tags, TiffTags.BITS, samples),
                same(tags, TiffTags.SAMPLE_FORMAT, samples),
                samples,
                colours.channels,
                colours,
                oneOrTwo(tags, TiffTags.PLANES) == IN_PLANES,
                (int) tags.one(TiffTags.COMPRESSION, RAW),
                (int) tags.one(TiffTags.PREDICTOR, TiffPredictor.NONE),
                oneOrTwo(tags, TiffTags.FILL_ORDER) == REVERSED,
                (int) blockWidth,
                (int) blockHeight,
                tiled);
        layout.requireReadable(tags);
        return layout;
    }

    /** @param extra meanings of the samples after the colours */
    private static Colours colours(int photometric, int samples, long[] extra) throws IOException {
        boolean associated = extra.length > 0 && extra[0] == ASSOCIATED_ALPHA;
        var colours = switch (photometric) {
            case 0 -> Colours.WHITE_IS_ZERO;
            case 1 -> Colours.GREY;
            case 2 -> associated ? Colours.ASSOCIATED_RGBA : Colours.RGB;
            case 3 -> Colours.PALETTE;
            case 5 -> Colours.CMYK;
            case 6 -> samples == 1 ? Colours.GREY : Colours.YCC;
            case 8, 9, 10 -> throw new UnreadKindException("a TIFF image in CIE L*a*b*");
            default -> throw new UnreadKindException("a TIFF image of photometric interpretation " + photometric);
        };
        int alpha = colours == Colours.ASSOCIATED_RGBA ? 1 : 0;
        boolean unmarked = colours == Colours.RGB && samples == 4 && extra.length == 0;
        require(
                samples == colours.channels - alpha + extra.length || unmarked,
                "%d samples a pixel, %s and %d more".formatted(samples, colours, extra.length));
        require(
                !associated || colours == Colours.ASSOCIATED_RGBA,
                "an alpha channel that %s is multiplied with".formatted(colours));
        return colours;
    }

    private static long oneOrTwo(TiffTags tags, int tag) throws IOException {
        long value = tags.one(tag, 1);
        require(value == 1 || value == 2, "tag %d = %d".formatted(tag, value));
        return value;
    }

    /** The value that all samples share. */
    private static int same(TiffTags tags, int tag, int samples) throws IOException {
        long[] values = tags.all(tag);
        long first = values.length == 0 ? 1 : values[0];
        boolean differ =
                Arrays.stream(values, 0, Math.min(values.length, samples)).anyMatch(value -> value != first);
        require(
                !differ && (values.length <= 1 || values.length >= samples),
                "%d samples a pixel and tag %d = %s".formatted(samples, tag, Arrays.toString(values)));
        return (int) first;
    }

    private void requireReadable(TiffTags tags) throws IOException {
        require(hasKnownSamples(), "samples of %d bits, sample format %d, for %s".formatted(bits, format, colours));
        switch (compression) {
            case RAW, LZW, DEFLATE, OLD_DEFLATE, PACK_BITS -> {
                long[] subsampling = tags.all(CHROMA_SUBSAMPLING);
                boolean whole = compression == RAW && Arrays.equals(subsampling, new long[] {1, 1});
                require(
                        colours != Colours.YCC || whole,
                        "YCbCr with subsampling %s and compression %d"
                                .formatted(Arrays.toString(subsampling), compression));
                require(
                        compression == RAW || compression == PACK_BITS || hasKnownPredictor(),
                        "predictor %d of samples of %d bits, sample format %d".formatted(predictor, bits, format));
            }
            case CCITT, CCITT + 1, GROUP_4 ->
                require(
                        bits == 1 && samples == 1,
                        "%d samples of %d bits in CCITT's compression".formatted(samples, bits));
            case JPEG -> {
                require(bits == 8 && format == UNSIGNED, "JPEG compression of samples of %d bits".formatted(bits));
                require(colours != Colours.YCC || (!inPlanes && samples == 3), "JPEG compression of YCbCr in planes");
            }
            default -> require(false, "compression %d".formatted(compression));
        }
    }

    private boolean hasKnownSamples() {
        return switch (bits) {
            case 1, 2, 4 -> format == UNSIGNED && colours.channels == 1;
            case 8 -> format == UNSIGNED || (format == SIGNED && isGrey());
            case 12 -> format == UNSIGNED && isGrey();
            case 16 ->
                (format == UNSIGNED && colours != Colours.PALETTE && colours != Colours.YCC)
                        || (format == SIGNED && isGrey());
            case 32 -> (format == UNSIGNED || format == SIGNED || format == REAL) && isGrey();
            default -> false;
        };
    }

    private boolean isGrey() {
        return colours == Colours.GREY || colours == Colours.WHITE_IS_ZERO;
    }

    private boolean hasKnownPredictor() {
        return switch (predictor) {
            case TiffPredictor.NONE -> true;
            case TiffPredictor.DIFFERENCES -> bits == 8 || bits == 16 || bits == 32;
            case TiffPredictor.REAL_DIFFERENCES -> format == REAL;
            default -> false;
        };
    }

    private static void require(boolean holds, String found) throws IOException {
        if (!holds) {
            throw new UnreadKindException("a TIFF image with " + found);
        }
    }

    /** Whether the compression is one of CCITT's. */
    boolean isFax() {
        return compression >= CCITT && compression <= GROUP_4;
    }

    /** Blocks in a row. */
    int blocksAcross() {
        return (width + blockWidth - 1) / blockWidth;
    }

    /** Blocks of a plane, or of all samples. */
    int blocks() {
        return blocksAcross() * ((height + blockHeight - 1) / blockHeight);
    }

    /** Samples of a pixel in a block. */
    int samplesInBlock() {
        return inPlanes ? 1 : samples;
    }

    /** Rows that a block has; the last strip may be lower. */
    int rowsOf(int block) {
        return tiled ? blockHeight : Math.min(blockHeight, height - block / blocksAcross() * blockHeight);
    }

    /** Bytes of a row in a block. */
    int rowBytes() throws IOException {
        long bytes = ((long) blockWidth * samplesInBlock() * bits + 7) / 8;
        require(
                bytes <= Integer.MAX_VALUE / blockHeight,
                "blocks of %d x %d pixels".formatted(blockWidth, blockHeight));
        return (int) bytes;
    }
}
