package io.lavis4j.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One axis of a chart: what it spans and where its ticks are.
 *
 * @param low its beginning; of a logarithmic axis the logarithm to base 10
 * @param high its end, above {@code low}
 * @param ticks between them
 */
record Axis(double low, double high, List<Tick> ticks) {

    private static final int INTERVALS = 5;
    private static final double ROUNDING = 1e-9;

    /** A place on the axis and what is written there. */
    record Tick(double at, String label) {}

    Axis {
        ticks = List.copyOf(ticks);
    }

    /** A linear axis that begins and ends with a tick. */
    static Axis around(double least, double greatest) {
        double span = greatest - least;
        double margin = span > 0 ? 0 : Math.max(Math.abs(least) / 2, SMALLEST);
        double step = step((span + 2 * margin) / INTERVALS);
        double low = Math.floor((least - margin) / step + ROUNDING) * step;
        double high = Math.ceil((greatest + margin) / step - ROUNDING) * step;
        return new Axis(low, high, ticks(low, high, step));
    }

    private static final double SMALLEST = 1e-6;

    /** A linear axis from the first value to the last, with ticks at whole numbers. */
    static Axis wholeNumbers(double first, double last) {
        if (first == last) {
            return new Axis(first - 0.5, first + 0.5, List.of(new Tick(first, label(first, 1))));
        }
        double step = Math.max(1, step((last - first) / INTERVALS));
        return new Axis(first, last, ticks(Math.ceil(first / step) * step, last, step));
    }

    /** A logarithmic axis from a power of ten to another. */
    static Axis powersOfTen(double leastLog, double greatestLog) {
        double low = Math.floor(leastLog);
        double high = Math.max(low + 1, Math.ceil(greatestLog));
        var ticks = new ArrayList<Tick>();
        for (double power = low; power <= high; power++) {
            ticks.add(new Tick(power, label(Math.pow(10, power), Math.pow(10, power))));
        }
        return new Axis(low, high, ticks);
    }

    /** 1, 2 or 5 times a power of ten, at least {@code wanted}. */
    private static double step(double wanted) {
        double power = Math.pow(10, Math.floor(Math.log10(wanted)));
        for (double factor : new double[] {1, 2, 5}) {
            if (factor * power >= wanted * (1 - ROUNDING)) {
                return factor * power;
            }
        }
        return 10 * power;
    }

    private static List<Tick> ticks(double low, double high, double step) {
        var ticks = new ArrayList<Tick>();
        long count = Math.round(Math.floor((high - low) / step + ROUNDING));
        for (long i = 0; i <= count; i++) {
            double at = low + i * step;
            ticks.add(new Tick(at, label(at, step)));
        }
        return ticks;
    }

    /** As many decimals as the step has, or a power of ten. */
    private static String label(double value, double step) {
        int decimals = (int) Math.max(0, -Math.floor(Math.log10(step) + ROUNDING));
        if (decimals <= 4) {
            return String.format(Locale.ROOT, "%." + decimals + "f", Math.abs(value) < step / 2 ? 0.0 : value);
        }
        return Math.abs(value) < step / 2
                ? "0"
                : String.format(Locale.ROOT, "%.1e", value).replace(".0e", "e").replaceFirst("e([+-])0", "e$1");
    }

    /** The share of the way from low to high. */
    double share(double value) {
        return (value - low) / (high - low);
    }
}
