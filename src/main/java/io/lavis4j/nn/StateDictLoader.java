package io.lavis4j.nn;

import io.lavis4j.tensor.MappedPages;
import io.lavis4j.tensor.StoredWeight;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** Copies or adopts the tensors of a state dict. */
final class StateDictLoader {

    private StateDictLoader() {}

    static LoadReport load(Module module, Map<String, Tensor> state) {
        var own = module.stateDict();
        requireShapes(own, state);
        boolean gradients = GradMode.is_enabled();

        var loaded = new ArrayList<String>();
        var copied = new ArrayList<Tensor>();
        var filled = Module.identities(List.of());
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            own.forEach((name, target) -> {
                var value = state.get(name);
                if (value != null) {
                    var scale = own.get(name + Linear.SCALE);
                    boolean adopted = false;
                    if (scale != null) {
                        StoredWeight.quantize(name, value, target, scale);
                        filled.add(scale);
                    } else {
                        adopted = fill(target, value, gradients && target.requires_grad());
                    }
                    if (!adopted) {
                        MappedPages.giveBack(value);
                        copied.add(value);
                    }
                    filled.add(target);
                    loaded.add(name);
                }
            });
            copied.forEach(MappedPages::giveBack); // reading a page has brought those beside it
        }
        var parameters = Module.identities(module.namedParameters().values());
        var missing = new ArrayList<String>();
        var missingFrozen = new ArrayList<String>();
        own.forEach((name, target) -> {
            if (!filled.contains(target)) {
                boolean frozen = parameters.contains(target) && !target.requires_grad();
                (frozen ? missingFrozen : missing).add(name);
            }
        });
        List<String> unexpected =
                state.keySet().stream().filter(name -> !own.containsKey(name)).toList();
        return new LoadReport(loaded, missingFrozen, missing, unexpected);
    }

    private static void requireShapes(Map<String, Tensor> own, Map<String, Tensor> state) {
        var wrong = new ArrayList<String>();
        own.forEach((name, target) -> {
            var value = state.get(name);
            if (value != null && !Arrays.equals(value.shape(), target.shape())) {
                wrong.add("%s: expected %s, got %s".formatted(name, Tensors.shape(target), Tensors.shape(value)));
            }
        });
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException("%d tensor(s) have another shape than the model: %s"
                    .formatted(wrong.size(), String.join("; ", wrong)));
        }
    }

    /** Fills a tensor; returns whether it shares the value's memory now. */
    private static boolean fill(Tensor target, Tensor value, boolean trained) {
        Tensor data = value.detach();
        boolean sameType =
                Tensors.dtype(data) == Tensors.dtype(target) && data.device().equals(target.device());
        if (sameType && !trained && data.is_contiguous()) {
            target.set_data(data);
            return true;
        }
        if (Init.isUnset(target) || target.numel() == 1) {
            Tensor copy = data.to(target.device(), Tensors.dtype(target), false, true, null);
            target.set_data(copy.contiguous());
        } else {
            target.detach().copy_(data);
        }
        return false;
    }
}
