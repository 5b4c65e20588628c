package io.lavis4j.optim;

import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** A state dict of {@code torch.optim.AdamW}, checked against the parameters it is for. */
final class AdamWState {

    record Moments(Tensor step, Tensor expAvg, Tensor expAvgSq) {}

    private final List<Tensor> parameters = new ArrayList<>();
    private final Map<Integer, Moments> moments = new LinkedHashMap<>();
    private final double lr;

    AdamWState(Map<?, ?> dict, List<ParameterGroup> groups) {
        var names = new ArrayList<String>();
        groups.forEach(group -> group.parameters().forEach((name, parameter) -> {
            names.add(name);
            parameters.add(parameter);
        }));
        var saved = list(dict, "param_groups");
        if (saved.size() != groups.size()) {
            throw new IllegalArgumentException("the optimizer state has %d parameter groups, this run has %d; are model"
                            .formatted(saved.size(), groups.size())
                    + " type, freeze_vit and lr_layer_decay those of the checkpoint?");
        }
        var numbers = new ArrayList<Object>();
        double rate = 0;
        for (int i = 0; i < groups.size(); i++) {
            var group = map(saved.get(i), "param_groups");
            var params = list(group, "params");
            int expected = groups.get(i).parameters().size();
            if (params.size() != expected) {
                throw new IllegalArgumentException(
                        "parameter group %d of the optimizer state has %d parameters, this run"
                                        .formatted(i, params.size())
                                + " has %d".formatted(expected));
            }
            numbers.addAll(params);
            rate = number(group.get("lr"), "lr");
        }
        lr = rate;
        var states = map(dict.get("state"), "state");
        for (int i = 0; i < numbers.size(); i++) {
            var state = states.get(numbers.get(i));
            if (state != null) {
                moments.put(i, moments(names.get(i), map(state, names.get(i)), parameters.get(i)));
            }
        }
    }

    private static Moments moments(String name, Map<?, ?> state, Tensor parameter) {
        return new Moments(
                step(state.get("step"), name),
                moment(state.get("exp_avg"), name + ".exp_avg", parameter),
                moment(state.get("exp_avg_sq"), name + ".exp_avg_sq", parameter));
    }

    /** Older PyTorch writes a number, newer a tensor. */
    private static Tensor step(@Nullable Object step, String name) {
        return step instanceof Tensor tensor
                ? tensor
                : Scopes.keep(() -> torch.tensor(new double[] {number(step, name + ".step")})
                        .to(ScalarType.Float));
    }

    private static Tensor moment(@Nullable Object value, String name, Tensor parameter) {
        if (!(value instanceof Tensor tensor) || !java.util.Arrays.equals(tensor.shape(), parameter.shape())) {
            throw new IllegalArgumentException("the optimizer state of %s: expected a tensor %s, got %s"
                    .formatted(
                            name,
                            Tensors.shape(parameter),
                            value instanceof Tensor found ? Tensors.shape(found) : value));
        }
        return tensor;
    }

    private static double number(@Nullable Object value, String name) {
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        throw new IllegalArgumentException(
                "the optimizer state: expected a number in %s, got %s".formatted(name, value));
    }

    private static List<?> list(Map<?, ?> dict, String key) {
        if (dict.get(key) instanceof List<?> list) {
            return list;
        }
        throw new IllegalArgumentException(
                "the optimizer state has no list \"%s\", only %s".formatted(key, dict.keySet()));
    }

    private static Map<?, ?> map(@Nullable Object value, String name) {
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw new IllegalArgumentException("the optimizer state: expected a map in %s, got %s".formatted(name, value));
    }

    List<Tensor> parameters() {
        return parameters;
    }

    Map<Integer, Moments> moments() {
        return moments;
    }

    double lr() {
        return lr;
    }
}
