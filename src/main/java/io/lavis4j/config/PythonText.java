package io.lavis4j.config;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** Scalars as Python's {@code str} writes them. */
final class PythonText {

    private PythonText() {}

    /** A text, number, truth value or null as text: {@code 1e-05}, {@code True}, {@code None}. */
    static String of(@Nullable Object scalar) {
        if (scalar == null) {
            return "None";
        }
        if (scalar instanceof Boolean flag) {
            return flag ? "True" : "False";
        }
        return scalar instanceof Double number ? number(number) : scalar.toString();
    }

    private static String number(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return Double.toString(value).replace("NaN", "nan").replace("Infinity", "inf");
        }
        if (value == 0) {
            return Double.toString(value);
        }
        var decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        int exponent = decimal.precision() - decimal.scale() - 1;
        if (exponent >= -4 && exponent < 16) {
            return (decimal.scale() <= 0 ? decimal.setScale(1) : decimal).toPlainString();
        }
        String mantissa = decimal.movePointLeft(exponent).stripTrailingZeros().toPlainString();
        return "%se%s%02d".formatted(mantissa, exponent < 0 ? "-" : "+", Math.abs(exponent));
    }
}
