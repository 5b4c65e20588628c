package io.lavis4j.estimate;

import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Tensors;
import java.util.function.Predicate;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The parameters of a part.
 *
 * @param count of numbers
 * @param trained of these
 * @param bytes of all
 * @param trainedBytes of those trained
 * @param largest bytes of the largest one that is trained
 * @param matrices numbers in the matrices that are trained in float32, which autocast copies
 */
record Weights(long count, long trained, long bytes, long trainedBytes, long largest, long matrices) {

    private static final int MOMENTS = 2; // of AdamW

    /** Those whose names a part has. */
    static Weights of(Module tree, Predicate<String> name) {
        long count = 0, trained = 0, bytes = 0, trainedBytes = 0, largest = 0, matrices = 0;
        for (var entry : tree.namedParameters().entrySet()) {
            if (name.test(entry.getKey())) {
                var parameter = entry.getValue();
                long numbers = parameter.numel(), size = numbers * parameter.element_size();
                count += numbers;
                bytes += size;
                if (parameter.requires_grad()) {
                    trained += numbers;
                    trainedBytes += size;
                    largest = Math.max(largest, size);
                    matrices += parameter.dim() > 1 && Tensors.dtype(parameter) == ScalarType.Float ? numbers : 0;
                }
            }
        }
        return new Weights(count, trained, bytes, trainedBytes, largest, matrices);
    }

    long gradients() {
        return trainedBytes;
    }

    long optimizer() {
        return MOMENTS * trainedBytes;
    }

    /** Copies in 16 bits of what is trained, which autocast keeps until backward has used them. */
    long casts() {
        return Numbers.HALF * matrices;
    }
}
