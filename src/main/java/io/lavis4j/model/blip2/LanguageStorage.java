package io.lavis4j.model.blip2;

import io.lavis4j.model.t5.T5;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Precision;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * How a language model that is not trained is stored.
 *
 * <p>A GPU computes in {@code precision}. On a CPU OPT and LLaMA compute in fp32, and bf16 is how weights of layers are
 * stored; T5 computes in bf16, as LAVIS's. In 8 bits all compute in fp32 there.
 *
 * @param precision of what is not in 8 bits
 * @param in8Bits weights of layers are int8, as with Hugging Face's {@code load_in_8bit}, which also rounds activations
 *     and leaves out the head; a head that is the word table is bf16
 */
public record LanguageStorage(Precision precision, boolean in8Bits) {

    /** Converts a model's parameters, and so what is loaded into it later. */
    public void store(Module model, Device device) {
        var dtype = precision.on(device).dtype();
        if (device.is_cpu() && in8Bits) {
            model.to(ScalarType.Float);
        } else if (model instanceof T5 t5) {
            t5.store(dtype);
        } else if (device.is_cpu() && dtype == ScalarType.BFloat16) {
            model.storeWeights(dtype);
        } else {
            model.to(dtype);
        }
        if (in8Bits) {
            model.storeWeights(ScalarType.Char);
        }
    }
}
