package io.lavis4j.model.blip2;

import io.lavis4j.tensor.Upload;
import io.lavis4j.tokenize.BatchEncoding;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;

/**
 * Texts on a device.
 *
 * @param ids (B, T), int64
 * @param mask (B, T), int64, 1 for real tokens
 */
record TextTokens(Tensor ids, Tensor mask) {

    static TextTokens of(BatchEncoding texts, Device device) {
        var both = new Upload().add(texts.ids()).add(texts.attentionMask()).to(device);
        return new TextTokens(both.get(0), both.get(1));
    }
}
