package io.lavis4j.tensor;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.ListType;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** A registered operator of libtorch that the bindings have no method for, called through the dispatcher. */
public final class Operator {

    static {
        Libtorch.load();
    }

    private final OperatorHandle handle;

    /**
     * Finds an operator.
     *
     * @param name {@code aten::_fused_adamw_}
     * @param overload may be empty
     */
    public Operator(String name, String overload) {
        handle = Dispatcher.singleton().findSchemaOrThrow(name, overload).retainReference();
    }

    /**
     * Calls the operator for its side effects.
     *
     * @param arguments all of them, in the schema's order: tensors, lists of tensors, scalars, booleans, doubles,
     *     longs, element types, {@code null} for none
     */
    public void call(@Nullable Object... arguments) {
        results(arguments);
    }

    /**
     * Calls an operator that returns a list of tensors.
     *
     * @param arguments as {@link #call} takes them
     * @return owned by the caller's scope
     */
    public List<Tensor> tensors(@Nullable Object... arguments) {
        return Arrays.stream(results(arguments).get(0).toTensorVector().get())
                .map(Tensor::new) // the vector's own are views of it
                .toList();
    }

    private IValueVector results(@Nullable Object... arguments) {
        var stack = new IValueVector();
        for (var argument : arguments) {
            stack.push_back(value(argument));
        }
        handle.callBoxed(stack);
        return stack;
    }

    private static IValue value(@Nullable Object argument) {
        if (argument == null) {
            return new IValue();
        } else if (argument instanceof Tensor tensor) {
            return new IValue(tensor);
        } else if (argument instanceof List<?> list) {
            var tensors = new GenericList(ListType.ofTensors().containedType(0));
            list.forEach(element -> tensors.push_back(new IValue((Tensor) element)));
            return new IValue(tensors);
        } else if (argument instanceof Scalar scalar) {
            return new IValue(scalar);
        } else if (argument instanceof Boolean flag) {
            return new IValue(flag.booleanValue());
        } else if (argument instanceof Double number) {
            return new IValue(number.doubleValue());
        } else if (argument instanceof Long number) {
            return new IValue(number.longValue());
        } else if (argument instanceof ScalarType dtype) {
            return new IValue(dtype);
        }
        throw new IllegalArgumentException(
                "no operator takes a " + argument.getClass().getName());
    }
}
