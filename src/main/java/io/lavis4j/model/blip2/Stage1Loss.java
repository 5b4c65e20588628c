package io.lavis4j.model.blip2;

import static io.lavis4j.io.Arguments.require;
import static org.bytedeco.pytorch.global.torch.log_softmax;
import static org.bytedeco.pytorch.global.torch.ones;
import static org.bytedeco.pytorch.global.torch.softmax;
import static org.bytedeco.pytorch.global.torch.zeros;

import io.lavis4j.distributed.Gather;
import io.lavis4j.model.Losses;
import io.lavis4j.model.qformer.QFormerInput;
import io.lavis4j.nn.CrossEntropy;
import io.lavis4j.nn.KeyValueCache;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tokenize.BatchEncoding;
import io.lavis4j.tokenize.Labelled;
import java.util.Arrays;
import java.util.LinkedHashMap;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The three losses of BLIP-2's first stage (arXiv:2301.12597, section 3.2): the images and texts of this process, B,
 * among those of all W processes. As in the reference, what an image or text is compared with gets no gradient from the
 * contrast, and the images that texts are matched with do, in whichever process they are. The mean over processes is so
 * the loss, and its gradient that gradient, of one process with the joined batch.
 *
 * @param model whose loss it is
 * @param negatives chooses what does not belong together
 * @param gather joins the processes' batches
 */
record Stage1Loss(Blip2Qformer model, Negatives negatives, Gather gather) {

    private static final double SMOOTHING = 0.1;
    private static final double NEVER_CHOSEN = -10000;

    /**
     * Everything that is known of a batch of B images and B texts before they meet.
     *
     * @param imageEmbeds (B, N, D)
     * @param same (B, W B): 1 where image and text belong together
     */
    private record Pairs(Tensor imageEmbeds, TextTokens texts, Tensor same) {}

    /**
     * The loss of a batch.
     *
     * @param image (B, 3, S, S)
     * @param imageIds equal numbers are the same image; empty if all are different
     */
    Losses of(Tensor image, BatchEncoding texts, long[] imageIds) {
        var tokens = TextTokens.of(texts, image.device()); // their copies are not to wait for the vision encoder
        var captions = CausalText.Learned.of(captions(texts), image.device());
        var same = same(imageIds, image); // (B, W B)
        var embeds = model.bridge().encodeImage(image); // (B, N, D)
        try (var cache = new KeyValueCache()) {
            var queries = model.qformer().forward(model.bridge().queries(embeds).withCache(cache)); // (B, Q, D)
            var imageFeatures = model.imageFeatures(queries); // (B, Q, E)
            var textFeatures = model.textFeatures(tokens); // (B, E)
            var toText = similarity(imageFeatures, gather.values(textFeatures)); // (B, W B)
            var toImage = similarity(gather.values(imageFeatures), textFeatures).t(); // (B, W B)

            var pairs = new Pairs(embeds, tokens, same);
            var parts = new LinkedHashMap<String, Tensor>();
            parts.put("loss_itc", contrast(toText, toImage, imageIds.length > 0, pairs.same()));
            parts.put("loss_itm", matching(pairs, toText, toImage));
            parts.put("loss_lm", captioning(captions, CausalText.mask(queries, tokens.mask()), cache));
            var total = parts.values().stream().reduce(Tensor::add).orElseThrow();
            return new Losses(total, parts, (int) captions.targets().size(0), 0);
        }
    }

    /**
     * The largest cosine of a query and a text, divided by the temperature.
     *
     * @param images (I, Q, E)
     * @param texts (T, E)
     * @return (I, T)
     */
    private Tensor similarity(Tensor images, Tensor texts) {
        long I = images.size(0), Q = images.size(1), E = images.size(2), T = texts.size(0);
        return images.reshape(I * Q, E)
                .matmul(texts.t())
                .view(I, Q, T)
                .amax(new long[] {1}, false)
                .div(model.temp()); // (I, T)
    }

    private Tensor same(long[] imageIds, Tensor image) {
        long B = image.size(0);
        require(
                imageIds.length <= 0 || imageIds.length == B,
                "expected an image id for each of %d images, got %d",
                B,
                imageIds.length);
        var ids = imageIds.length == 0 ? gather.ownRows(image) : Tensors.of(imageIds, image.device()); // (B)
        return ids.unsqueeze(1).eq(gather.values(ids).unsqueeze(0)).to(ScalarType.Float); // (B, W B)
    }

    /** Image-text contrast: of all texts an image's own is the nearest, and the other way round. */
    private Tensor contrast(Tensor toText, Tensor toImage, boolean shared, Tensor same) {
        if (shared) {
            var share = same.div(Tensors.sum(same, 1, true)); // (B, W B)
            var targets = share.mul(Tensors.scalar(1 - SMOOTHING)).add(Tensors.scalar(SMOOTHING / same.size(1)));
            return half(soft(toText, targets), soft(toImage, targets));
        }
        var own = gather.ownRows(toText); // (B)
        return half(CrossEntropy.mean(toText, own, SMOOTHING), CrossEntropy.mean(toImage, own, SMOOTHING));
    }

    private static Tensor soft(Tensor logits, Tensor targets) {
        var terms = log_softmax(logits.to(ScalarType.Float), 1).mul(targets); // (B, W B)
        return Tensors.sum(terms, 1, false).mean().neg();
    }

    private static Tensor half(Tensor a, Tensor b) {
        return a.add(b).div(Tensors.scalar(2));
    }

    /**
     * Image-text matching: B pairs that belong together, and for each text an image and for each image a text that do
     * not.
     */
    private Tensor matching(Pairs pairs, Tensor toText, Tensor toImage) {
        Tensor images, texts;
        try (var noGrad = new NoGradGuard()) {
            images = negatives.choose(weights(toImage, pairs.same())); // (B)
            texts = negatives.choose(weights(toText, pairs.same())); // (B)
        }
        var embeds = pairs.imageEmbeds();
        Tensor ids = pairs.texts().ids(), mask = pairs.texts().mask();
        long B = ids.size(0);
        var logits = model.itm(
                Tensors.cat(0, embeds, gather.joined(embeds).index_select(0, images), embeds), // (3B, N, D)
                new TextTokens(
                        Tensors.cat(0, ids, ids, gather.values(ids).index_select(0, texts)), // (3B, T)
                        Tensors.cat(0, mask, mask, gather.values(mask).index_select(0, texts)))); // (3B, 2)
        var options = Tensors.options(logits.device(), ScalarType.Long);
        return CrossEntropy.mean(
                logits, Tensors.cat(0, ones(new long[] {B}, options), zeros(new long[] {2 * B}, options)));
    }

    /** Chances of being chosen as a negative, (B, W B). */
    static Tensor weights(Tensor similarity, Tensor same) {
        return softmax(
                similarity.to(ScalarType.Float).masked_fill(same.gt(Tensors.scalar(0)), Tensors.scalar(NEVER_CHOSEN)),
                1);
    }

    /** Captions that begin with the start token. */
    private Labelled captions(BatchEncoding texts) {
        long[][] ids = Arrays.stream(texts.ids()).map(long[]::clone).toArray(long[][]::new);
        Arrays.stream(ids).forEach(row -> row[0] = model.startToken());
        return Labelled.from(new BatchEncoding(ids, texts.attentionMask()), 1, model.padToken());
    }

    /**
     * Captions after the queries that have read the image, whose keys and values are cached.
     *
     * @param mask (B, Q + T), int64
     */
    private Tensor captioning(CausalText.Learned captions, Tensor mask, KeyValueCache cache) {
        var before = captions.positions().sub(Tensors.scalar(1)); // what predicts the targets
        return model.qformer()
                .captioningLoss(
                        QFormerInput.caption(captions.ids(), mask, cache), before, captions.targets(), SMOOTHING);
    }
}
