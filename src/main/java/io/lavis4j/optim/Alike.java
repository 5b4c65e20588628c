package io.lavis4j.optim;

import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Device and type of tensors, which all tensors of one multi-tensor kernel share on a GPU.
 *
 * @param type libtorch's number of the kind of device
 * @param index number of the GPU; -1 where there is one device of the kind
 * @param dtype element type
 */
record Alike(byte type, byte index, ScalarType dtype) {

    /** Items in lists whose tensors are alike, in the order in which their first ones come. */
    static <T> Collection<List<T>> lists(List<T> items, Function<T, Tensor> tensor) {
        var lists = new LinkedHashMap<Alike, List<T>>();
        for (var item : items) {
            lists.computeIfAbsent(of(tensor.apply(item)), alike -> new ArrayList<>())
                    .add(item);
        }
        return lists.values();
    }

    private static Alike of(Tensor tensor) {
        var device = tensor.device();
        return new Alike(device.type().value, device.index(), Tensors.dtype(tensor));
    }
}
