package io.lavis4j.metric.sherlock;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Numbers as C and Python print them: the exact value of the double, rounded half to even. */
final class Printed {

    private Printed() {}

    static String fixed(double value, int digits) {
        return Double.isNaN(value)
                ? "nan"
                : new BigDecimal(value).setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
    }
}
