package io.lavis4j.nn;

import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A node of the module tree: parameters, buffers and child modules by name, in the order in which they were added.
 *
 * <p>Parameters keep their Java object for life: loading, casting and moving replace the data behind it. Names may
 * contain dots. Closing a module frees its tensors and those of its children.
 */
public abstract class Module implements AutoCloseable {

    private final Map<String, Tensor> parameters = new LinkedHashMap<>();
    private final Map<String, Tensor> buffers = new LinkedHashMap<>();
    private final Map<String, Module> children = new LinkedHashMap<>();
    private boolean training = true;
    private boolean frozen;

    /** Adds an unset parameter of this shape, float32, trainable. */
    protected final Tensor parameter(String name, long... shape) {
        return parameter(name, Scopes.retained(() -> Init.unset(shape).requires_grad_(true)));
    }

    /** Adds a parameter that another module owns too (a tied weight). */
    protected final Tensor parameter(String name, Tensor shared) {
        add(parameters, name, shared);
        return shared;
    }

    /** Adds a tensor that is saved but not trained, made in a scope of its own. */
    protected final Tensor buffer(String name, Supplier<Tensor> make) {
        var value = Scopes.retained(make);
        add(buffers, name, value);
        return value;
    }

    /** Adds a child; one with an empty name hands its names up, as if its members were this module's own. */
    protected final <M extends Module> M child(String name, M module) {
        add(children, name, module);
        return module;
    }

    private static <T> void add(Map<String, T> members, String name, T member) {
        if (members.putIfAbsent(name, member) != null) {
            throw new IllegalStateException("a module holds \"" + name + "\" twice");
        }
    }

    /** Parameters by their full names, own ones first; a tied one appears once, under its first name. */
    public final Map<String, Tensor> namedParameters() {
        var seen = identities(List.of());
        var named = new LinkedHashMap<String, Tensor>();
        walk(
                "",
                (name, module) -> module.parameters.forEach((leaf, tensor) -> {
                    if (seen.add(tensor)) {
                        named.put(name + leaf, tensor);
                    }
                }));
        return named;
    }

    /** Tensors by their Java objects. */
    static Set<Tensor> identities(Collection<Tensor> tensors) {
        var set = Collections.newSetFromMap(new IdentityHashMap<Tensor, Boolean>());
        set.addAll(tensors);
        return set;
    }

    /** The parameters that the optimizer changes. */
    public final Map<String, Tensor> trainableParameters() {
        var named = namedParameters();
        named.values().removeIf(p -> !p.requires_grad());
        return named;
    }

    /** Every parameter and buffer by its full name, tied ones under each name; the tensors are the module's own. */
    public final Map<String, Tensor> stateDict() {
        var state = new LinkedHashMap<String, Tensor>();
        walk("", (name, module) -> {
            module.parameters.forEach((leaf, tensor) -> state.put(name + leaf, tensor));
            module.buffers.forEach((leaf, tensor) -> state.put(name + leaf, tensor));
        });
        return state;
    }

    /** The content of checkpoints: {@link #stateDict()} without parameters that are not trained. */
    public final Map<String, Tensor> trainableStateDict() {
        var state = stateDict();
        var frozenOnes = identities(namedParameters().values());
        frozenOnes.removeIf(Tensor::requires_grad);
        state.values().removeIf(frozenOnes::contains);
        return state;
    }

    /** Names of parameters that were neither loaded nor initialised. */
    public final List<String> unsetParameters() {
        var unset = new ArrayList<String>();
        try (var scope = new PointerScope()) {
            namedParameters().forEach((name, p) -> {
                if (Init.isUnset(p)) {
                    unset.add(name);
                }
            });
        }
        return unset;
    }

    /**
     * Runs an initialisation of this module's own making for the sake of its unset parameters: all others keep their
     * values. Does nothing when none is unset.
     */
    protected final void fillUnset(Runnable initialize) {
        if (unsetParameters().isEmpty()) {
            return;
        }
        try (var scope = new PointerScope()) {
            var kept = new IdentityHashMap<Tensor, Tensor>();
            for (var parameter : namedParameters().values()) {
                if (!Init.isUnset(parameter)) {
                    kept.put(parameter, parameter.detach());
                }
            }
            initialize.run();
            kept.forEach(Tensor::set_data);
        }
    }

    /**
     * Copies the values of a state dict into the parameters and buffers of the same names, converted to their dtype and
     * device. A parameter that is not trained shares the given tensor's memory where dtype and device agree, so the
     * frozen part of a memory-mapped file is never copied; where gradients are off while this is called, none is.
     *
     * @throws IllegalArgumentException if a shape differs; nothing is changed then
     */
    public final LoadReport load(Map<String, Tensor> state) {
        return StateDictLoader.load(this, state);
    }

    /** Train mode for this module and its children; frozen ones stay in eval mode. */
    public final void train(boolean mode) {
        training = mode && !frozen;
        children.values().forEach(child -> child.train(training));
    }

    /** Eval mode: no dropout, no drop path. */
    public final void eval() {
        train(false);
    }

    /** Whether dropout and drop path are active. */
    public final boolean isTraining() {
        return training;
    }

    /** Makes no parameter trainable and stays in eval mode whatever {@link #train} is told later. */
    public final void freeze() {
        frozen = true;
        children.values().forEach(Module::freeze);
        requiresGrad(false);
        eval();
    }

    /** Switches gradients of all parameters on or off; the mode is left alone. */
    public final void requiresGrad(boolean mode) {
        parameters().forEach(p -> p.set_requires_grad(mode));
    }

    /** Whether any parameter needs a gradient. */
    public final boolean isTrained() {
        return parameters().anyMatch(Tensor::requires_grad);
    }

    /** Moves parameters and buffers. */
    public final void to(Device device) {
        try (var scope = new PointerScope()) {
            identities(stateDict().values()).forEach(one -> Init.replace(one, t -> t.to(device, Tensors.dtype(t))));
        }
    }

    /** Converts floating-point parameters. */
    public final void to(ScalarType dtype) {
        to(dtype, name -> true);
    }

    /** Converts the floating-point parameters of some names. */
    public final void to(ScalarType dtype, Predicate<String> names) {
        try (var scope = new PointerScope()) {
            namedParameters().forEach((name, parameter) -> {
                if (names.test(name) && parameter.is_floating_point()) {
                    Init.replace(parameter, t -> t.to(dtype));
                }
            });
        }
    }

    /**
     * Converts weights and biases of the linear and convolution layers, as LAVIS's {@code vit_precision} does; norms,
     * embeddings and other parameters stay.
     */
    public final void convertWeights(ScalarType dtype) {
        walk("", (name, module) -> {
            if (module instanceof Linear || module instanceof Conv2d) {
                module.to(dtype);
            }
        });
    }

    /**
     * Stores weights of the linear layers, none of which is trained, in bfloat16 or int8; all else stays, and the
     * layers compute in the types of their inputs. What is loaded later is converted, too.
     *
     * @throws IllegalStateException if one is trained
     * @throws IllegalArgumentException if one has numbers that are not finite, which int8 cannot hold
     */
    public final void storeWeights(ScalarType dtype) {
        walk("", (name, module) -> {
            if (module instanceof Linear linear) {
                linear.store(name, dtype);
            }
        });
    }

    /** Sets the gradients to none. */
    public final void zeroGrad() {
        try (var scope = new PointerScope()) {
            namedParameters().values().forEach(p -> p.mutable_grad().put(new Tensor()));
        }
    }

    /** Number of scalars in the parameters, tied ones counted once. */
    public final long numParameters() {
        return namedParameters().values().stream().mapToLong(Tensor::numel).sum();
    }

    /** The device of the first parameter. */
    public final Device device() {
        return parameters()
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(getClass().getSimpleName() + " has no parameter"))
                .device();
    }

    /** Parameters of the tree, tied ones as often as they occur. */
    private Stream<Tensor> parameters() {
        return Stream.concat(
                parameters.values().stream(), children.values().stream().flatMap(Module::parameters));
    }

    /** Fills all parameters as PyTorch does when a layer is made, or as the reference does for this module. */
    public void initialize() {
        children.values().forEach(Module::initialize);
    }

    /** Weights normal with mean 0, biases 0, norms 1; a tied weight is left to its owner. */
    public void initializeNormal(double std) {
        children.values().forEach(child -> child.initializeNormal(std));
    }

    private void walk(String prefix, BiConsumer<String, Module> visit) {
        visit.accept(prefix, this);
        children.forEach((name, child) -> child.walk(name.isEmpty() ? prefix : prefix + name + ".", visit));
    }

    @Override
    public void close() {
        children.values().forEach(Module::close);
        parameters.values().forEach(Tensor::close);
        buffers.values().forEach(Tensor::close);
    }

    @Override
    public String toString() {
        return "%s(%d tensors, %d parameters)"
                .formatted(getClass().getSimpleName(), stateDict().size(), numParameters());
    }
}
