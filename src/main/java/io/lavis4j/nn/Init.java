package io.lavis4j.nn;

import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Libtorch;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Values of parameters before training.
 *
 * <p>A new parameter is <em>unset</em>: NaN in every place, one number in memory, so a model of any size is built in no
 * time and a forgotten weight is never mistaken for a value.
 *
 * <p>Random values are drawn by the CPU's generator and copied, so that after one seed a model starts from the same
 * numbers on every device.
 */
public final class Init {

    static {
        Libtorch.load();
    }

    private Init() {}

    static Tensor unset(long... shape) {
        return torch.full(new long[0], Tensors.scalar(Float.NaN)).expand(shape);
    }

    static boolean isUnset(Tensor parameter) {
        return parameter.numel() > 1 && parameter.storage().nbytes() == parameter.element_size();
    }

    /** Replaces a parameter's data by {@code change} of it; an unset one stays unset. */
    static void replace(Tensor parameter, UnaryOperator<Tensor> change) {
        Tensor data = parameter.detach();
        if (isUnset(parameter)) {
            long[] first = new long[parameter.shape().length];
            Arrays.fill(first, 1);
            Tensor one = data.as_strided(first, new long[first.length]);
            parameter.set_data(change.apply(one).expand(parameter.shape()));
        } else {
            parameter.set_data(change.apply(data));
        }
    }

    private static void fill(Tensor parameter, UnaryOperator<Tensor> fill) {
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            var values = torch.empty(parameter.shape(), Tensors.options(Devices.cpu(), ScalarType.Float), null);
            parameter.set_data(fill.apply(values).to(parameter.device(), Tensors.dtype(parameter)));
        }
    }

    /** Every element {@code value}. */
    public static void constant(Tensor parameter, double value) {
        fill(parameter, t -> t.fill_(Tensors.scalar(value)));
    }

    /** Normal with mean 0. */
    public static void normal(Tensor parameter, double std) {
        fill(parameter, t -> t.normal_(0, std, null));
    }

    /** Normal with mean 0, cut off at -2 and 2 (absolute, as timm's {@code trunc_normal_}), by the inverse of erf. */
    public static void truncatedNormal(Tensor parameter, double std) {
        double bound = erf(2 / std / Math.sqrt(2));
        fill(parameter, t -> {
            t.uniform_(-bound, bound, null).erfinv_().mul_(Tensors.scalar(std * Math.sqrt(2)));
            return t.clamp_(new ScalarOptional(Tensors.scalar(-2.0)), new ScalarOptional(Tensors.scalar(2.0)));
        });
    }

    /** Uniform in {@code [-bound, bound)}. */
    public static void uniform(Tensor parameter, double bound) {
        fill(parameter, t -> t.uniform_(-bound, bound, null));
    }

    /**
     * A table with more rows, N(0, std), or zeros where rows are numbers.
     *
     * @param table (V', D) or (V')
     * @return (V, D) or (V) with V = {@code rows}; {@code table} itself unless it is shorter
     */
    public static Tensor extend(Tensor table, long rows, double std) {
        long[] shape = table.shape();
        if (shape[0] >= rows) {
            return table;
        }
        shape[0] = rows - shape[0];
        return Scopes.keep(() -> {
            var added = torch.zeros(shape, Tensors.options(table.device(), ScalarType.Float));
            if (shape.length > 1) {
                normal(added, std);
            }
            return Tensors.cat(0, table, added.to(Tensors.dtype(table)));
        });
    }

    private static double erf(double x) {
        try (var scope = new PointerScope()) {
            return torch.erf(torch.tensor(new double[] {x})).item_double();
        }
    }
}
