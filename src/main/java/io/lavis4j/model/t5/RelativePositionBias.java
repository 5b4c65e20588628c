package io.lavis4j.model.t5;

import static org.bytedeco.pytorch.global.torch.embedding;
import static org.bytedeco.pytorch.global.torch.log;
import static org.bytedeco.pytorch.global.torch.where;

import io.lavis4j.nn.Init;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** A bias per head for each bucket of distances between query and key (arXiv:1910.10683, section 2.1). */
final class RelativePositionBias extends Module {

    private final Tensor weight; // (buckets, H)
    private final boolean bidirectional;
    private final int maxDistance;
    private final double std;

    /** @param bidirectional whether keys after a query have buckets of their own, as the encoder needs them */
    RelativePositionBias(T5Config config, boolean bidirectional) {
        weight = parameter("weight", config.relativeAttentionNumBuckets(), config.numHeads());
        this.bidirectional = bidirectional;
        std = Math.pow(config.dModel(), -0.5);
        maxDistance = config.relativeAttentionMaxDistance();
    }

    /**
     * The biases of queries for all keys up to the last query.
     *
     * @param past tokens before the first query
     * @param queries their number, T
     * @return (1, H, T, past + T)
     */
    Tensor forward(long past, long queries) {
        long keys = past + queries;
        var to = Tensors.range(0, keys, weight.device()); // (past + T)
        var from = Tensors.range(past, keys, weight.device()).unsqueeze(1); // (T, 1)
        return embedding(weight, buckets(to.sub(from))).permute(2, 0, 1).unsqueeze(0); // (1, H, T, past + T)
    }

    /**
     * Half of the buckets of a direction are for one distance each, the others for ranges that grow with the distance.
     *
     * @param relative key's position minus query's, int64
     * @return same shape, int64
     */
    Tensor buckets(Tensor relative) {
        long all = bidirectional ? weight.size(0) / 2 : weight.size(0), exact = all / 2;
        var distance = bidirectional ? relative.abs() : relative.neg().clamp_min(Tensors.scalar(0));
        var growth = log(distance.clamp_min(Tensors.scalar(exact))
                        .to(ScalarType.Float)
                        .div(Tensors.scalar(exact)))
                .div(Tensors.scalar(Math.log((double) maxDistance / exact)))
                .mul(Tensors.scalar(all - exact));
        var range = growth.to(ScalarType.Long).add(Tensors.scalar(exact)).clamp_max(Tensors.scalar(all - 1));
        var bucket = where(distance.lt(Tensors.scalar(exact)), distance, range);
        return bidirectional
                ? bucket.add(relative.gt(Tensors.scalar(0)).to(ScalarType.Long).mul(Tensors.scalar(all)))
                : bucket;
    }

    @Override
    public void initialize() {
        Init.normal(weight, std);
    }
}
