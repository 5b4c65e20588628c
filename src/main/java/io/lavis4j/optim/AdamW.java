package io.lavis4j.optim;

import static org.bytedeco.pytorch.global.torch.zeros;
import static org.bytedeco.pytorch.global.torch.zeros_like;

import io.lavis4j.distributed.Processes;
import io.lavis4j.tensor.Operator;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * AdamW (arXiv:1711.05101) by libtorch's fused kernel, with the state dict of {@code torch.optim.AdamW}.
 *
 * <p>State of a parameter exists from the first step in which it had a gradient, and has the parameter's type, as
 * {@code torch.optim.AdamW}'s. Owns its state.
 */
public final class AdamW implements AutoCloseable {

    private static final Operator FUSED_ADAMW = new Operator("aten::_fused_adamw_", "");
    private static final Operator FOREACH_ADD = new Operator("aten::_foreach_add_", "Scalar");
    private static final Operator FOREACH_SUB = new Operator("aten::_foreach_sub_", "List");

    private final List<ParameterGroup> groups;
    private final double beta1;
    private final double beta2;
    private final double eps;
    private final List<Tensor> parameters;
    private final List<Double> weightDecays; // of the parameters
    private final List<Integer> numbers; // of all parameters
    private final Shards shards;
    private final Map<Integer, State> states = new LinkedHashMap<>();
    private double lr;

    /**
     * @param step number of updates, a scalar float32 tensor
     * @param expAvg first moment
     * @param expAvgSq second moment
     */
    private record State(Tensor step, Tensor expAvg, Tensor expAvgSq) {

        static State of(List<Tensor> tensors) {
            return new State(tensors.get(0), tensors.get(1), tensors.get(2));
        }

        List<Tensor> tensors() {
            return List.of(step, expAvg, expAvgSq);
        }

        void close() {
            tensors().forEach(Tensor::close);
        }
    }

    private record Update(Tensor parameter, Tensor gradient, State state) {}

    /** LAVIS's settings: beta1 0.9, eps 1e-8. */
    public AdamW(List<ParameterGroup> groups, double lr, double beta2) {
        this(groups, lr, beta2, Processes.alone());
    }

    /**
     * LAVIS's settings, with the state shared among processes, each of which makes the same calls with the same
     * gradients.
     */
    public AdamW(List<ParameterGroup> groups, double lr, double beta2, Processes sharing) {
        this(groups, lr, 0.9, beta2, 1e-8, sharing);
    }

    /** An optimizer over the groups, whose parameters are numbered from first to last. */
    public AdamW(List<ParameterGroup> groups, double lr, double beta1, double beta2, double eps) {
        this(groups, lr, beta1, beta2, eps, Processes.alone());
    }

    private AdamW(List<ParameterGroup> groups, double lr, double beta1, double beta2, double eps, Processes sharing) {
        this.groups = List.copyOf(groups);
        this.lr = lr;
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.eps = eps;
        parameters = groups.stream().flatMap(group -> group.tensors().stream()).toList();
        weightDecays = groups.stream()
                .flatMap(group -> Collections.nCopies(group.parameters().size(), group.weightDecay()).stream())
                .toList();
        numbers = IntStream.range(0, parameters.size()).boxed().toList();
        shards = new Shards(sharing, parameters);
    }

    /** The learning rate of all groups. */
    public double lr() {
        return lr;
    }

    /** Sets the learning rate of all groups. */
    public void lr(double value) {
        lr = value;
    }

    /** Updates every parameter that has a gradient. */
    public void step() {
        step(null, null);
    }

    /**
     * Updates every parameter that has a gradient, dividing gradients first.
     *
     * @param gradScale scalar by which gradients were multiplied; {@code null} for 1
     * @param foundInf scalar that is 1 if a gradient is not finite, and then nothing is updated; {@code null} for 0
     */
    public void step(@Nullable Tensor gradScale, @Nullable Tensor foundInf) {
        step(numbers, gradScale, foundInf);
        shards.exchange();
    }

    /** Updates those of some parameters, by their numbers, which have a gradient; for an optimizer of one process. */
    void stepSome(List<Integer> some, @Nullable Tensor foundInf) {
        step(some, null, foundInf);
    }

    private void step(List<Integer> some, @Nullable Tensor gradScale, @Nullable Tensor foundInf) {
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            byWeightDecay(some).forEach((weightDecay, updates) -> {
                for (var alike : Alike.lists(updates, Update::parameter)) {
                    var device = alike.get(0).parameter().device();
                    step(alike, weightDecay, on(device, gradScale), on(device, foundInf));
                }
            });
        }
    }

    /** The kernel takes one weight decay: groups that share it go into one call. */
    private Map<Double, List<Update>> byWeightDecay(List<Integer> some) {
        var updates = new LinkedHashMap<Double, List<Update>>();
        for (int index : some) {
            var parameter = parameters.get(index);
            var gradient = parameter.grad();
            if (gradient.defined() && shards.isOwn(index)) {
                updates.computeIfAbsent(weightDecays.get(index), decay -> new ArrayList<>())
                        .add(new Update(parameter, gradient, states.computeIfAbsent(index, i -> fresh(parameter))));
            }
        }
        return updates;
    }

    private void step(List<Update> updates, double weightDecay, @Nullable Tensor gradScale, @Nullable Tensor foundInf) {
        var steps = list(updates, update -> update.state().step());
        FOREACH_ADD.call(steps, new Scalar(1.0));
        FUSED_ADAMW.call(
                list(updates, Update::parameter),
                list(updates, Update::gradient),
                list(updates, update -> update.state().expAvg()),
                list(updates, update -> update.state().expAvgSq()),
                List.of(),
                steps,
                lr,
                beta1,
                beta2,
                weightDecay,
                eps,
                false,
                false,
                gradScale,
                foundInf);
        if (foundInf != null) { // a step that was not taken does not count
            FOREACH_SUB.call(steps, Collections.nCopies(steps.size(), foundInf.view(new long[0])), new Scalar(1.0));
        }
    }

    private static List<Tensor> list(List<Update> updates, Function<Update, Tensor> tensor) {
        return updates.stream().map(tensor).toList();
    }

    private static @Nullable Tensor on(Device device, @Nullable Tensor scalar) {
        return scalar == null ? null : scalar.to(device, ScalarType.Float);
    }

    private static State fresh(Tensor parameter) {
        return new State(
                Scopes.retained(() -> zeros(new long[0], Tensors.options(parameter.device(), ScalarType.Float))),
                Scopes.retained(() -> zeros_like(parameter.detach())),
                Scopes.retained(() -> zeros_like(parameter.detach())));
    }

    /** The gradients that there are; views of what the parameters hold, owned by the caller's scope. */
    public List<Tensor> gradients() {
        return parameters.stream().map(Tensor::grad).filter(Tensor::defined).toList();
    }

    /** The parameters in the order of their numbers. */
    List<Tensor> parameters() {
        return parameters;
    }

    /** Their names, likewise. */
    List<String> names() {
        return groups.stream()
                .flatMap(group -> group.parameters().keySet().stream())
                .toList();
    }

    /** Sets all gradients to none. */
    public void zeroGrad() {
        zeroGrad(numbers);
    }

    /** Sets the gradients of some parameters, by their numbers, to none. */
    void zeroGrad(List<Integer> some) {
        try (var scope = new PointerScope()) {
            some.forEach(index -> parameters.get(index).mutable_grad().put(new Tensor()));
        }
    }

    /**
     * The state as {@code torch.optim.AdamW.state_dict()} has it; the tensors are the optimizer's own, or in the
     * caller's scope. Of processes that share the state the first gets all of it and the others none.
     */
    public Map<String, Object> stateDict() {
        var own = new LinkedHashMap<Integer, List<Tensor>>();
        states.forEach((index, state) -> own.put(index, state.tensors()));
        var state = new LinkedHashMap<Object, Object>();
        shards.gather(own, index -> fresh(parameters.get(index)).tensors()).forEach((index, tensors) -> {
            var found = State.of(tensors);
            var of = new LinkedHashMap<String, Object>();
            of.put("step", found.step());
            of.put("exp_avg", found.expAvg());
            of.put("exp_avg_sq", found.expAvgSq());
            state.put((long) index, of);
        });
        var paramGroups = new ArrayList<Object>();
        long index = 0;
        for (var group : groups) {
            var numbers = new ArrayList<Object>();
            for (int i = 0; i < group.parameters().size(); i++) {
                numbers.add(index++);
            }
            paramGroups.add(settings(group, numbers));
        }
        var dict = new LinkedHashMap<String, Object>();
        dict.put("state", state);
        dict.put("param_groups", paramGroups);
        return dict;
    }

    private Map<String, Object> settings(ParameterGroup group, List<Object> numbers) {
        var settings = new LinkedHashMap<String, Object>();
        settings.put("weight_decay", group.weightDecay());
        settings.put("lr_scale", group.lrScale());
        settings.put("lr", lr);
        settings.put("betas", List.of(beta1, beta2));
        settings.put("eps", eps);
        settings.put("amsgrad", false);
        settings.put("maximize", false);
        settings.put("foreach", null);
        settings.put("capturable", false);
        settings.put("differentiable", false);
        settings.put("fused", null);
        settings.put("params", numbers);
        return settings;
    }

    /**
     * Takes over a state dict of {@code torch.optim.AdamW}: moments, steps and the learning rate.
     *
     * @param dict with {@code state} and {@code param_groups}, values copied
     * @throws IllegalArgumentException if its groups or shapes are not those of this optimizer; nothing is changed then
     */
    public void loadStateDict(Map<?, ?> dict) {
        var loaded = new AdamWState(dict, groups);
        states.values().forEach(State::close);
        states.clear();
        loaded.moments().forEach((index, moments) -> {
            if (!shards.isOwn(index)) {
                return;
            }
            var parameter = loaded.parameters().get(index);
            states.put(
                    index,
                    new State(
                            Scopes.retained(() -> moments.step()
                                    .to(parameter.device(), ScalarType.Float, false, true, null)
                                    .reshape(new long[0])),
                            copy(moments.expAvg(), parameter),
                            copy(moments.expAvgSq(), parameter)));
        });
        lr = loaded.lr();
    }

    private static Tensor copy(Tensor value, Tensor parameter) {
        return Scopes.retained(() -> value.to(parameter.device(), Tensors.dtype(parameter), false, true, null)
                .contiguous());
    }

    @Override
    public void close() {
        states.values().forEach(State::close);
        states.clear();
    }
}
