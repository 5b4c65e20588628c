package io.lavis4j.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;

/**
 * Whether captions take more than their share of time or memory where there are more of them: more images in a batch,
 * more beams, more image tokens. Along one axis, the others being 4 images, 5 beams and 224 pixels, each setting runs
 * in a process of its own, once to warm up and once to be measured.
 *
 * <pre>
 * mvn -q -Pjmh compile exec:exec -Dbench.args="growth pixels"               # or beams, or batch
 * mvn -q -Pjmh compile exec:exec -Dbench.args="growth batch -p batch=1,2,4 -p beams=1 -p size=small"
 * </pre>
 *
 * <p>A step from a setting to the next is worse than linear if time grows more than images, beams or image tokens do,
 * by more than a tenth; and so for memory above that of the model's parameters. Phases that each grow in proportion, or
 * less, pass, whichever of them takes the most; what grows with the square fails once it is the larger part. The
 * program ends with status 1 where a step is worse.
 */
final class Growth {

    private static final double TOLERANCE = 0.1;

    private Growth() {}

    /** What grows. */
    private enum Axis {
        BATCH("1,2,4,8,16,32"),
        BEAMS("1,2,4,8"),
        PIXELS("224,280,364");

        private final String values;

        Axis(String values) {
            this.values = values;
        }

        double amount(BenchmarkParams params) {
            return switch (this) {
                case BATCH -> number(params, "batch");
                case BEAMS -> number(params, "beams");
                case PIXELS -> Setting.of(params).shapes().imageTokens();
            };
        }

        static Axis of(String name) {
            return Arrays.stream(values())
                    .filter(axis -> axis.toString().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "unknown axis \"%s\", expected one of %s".formatted(name, Arrays.toString(values()))));
        }

        private static double number(BenchmarkParams params, String key) {
            return Double.parseDouble(params.getParam(key));
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A setting, measured.
     *
     * @param name of its batch, beams and pixels
     * @param images of a batch
     * @param amount along the axis
     * @param seconds of a batch
     * @param mebibytes at the most
     * @param parameters of these, those of the model's parameters
     */
    record Point(String name, double images, double amount, double seconds, double mebibytes, double parameters) {

        static Point of(Axis axis, RunResult result) {
            var params = result.getParams();
            return new Point(
                    "%s images, %s beams, %d pixels"
                            .formatted(
                                    params.getParam("batch"),
                                    params.getParam("beams"),
                                    Setting.of(params).shapes().evaVit().imageSize()),
                    Axis.number(params, "batch"),
                    axis.amount(params),
                    1 / RateProfiler.perSecond(result.getPrimaryResult(), params),
                    ResultTable.found(result, RateProfiler.MEMORY),
                    Blip2.bytes(Setting.of(params), TrainingBenchmark.Vit.FROZEN, TrainingBenchmark.TEXT_TOKENS)
                            / (double) (1 << 20));
        }

        /** Seconds for each along the axis, by those of another point. */
        double time(Point before) {
            return seconds / before.seconds / (amount / before.amount);
        }

        /** Memory above the model's for each along the axis, by that of another point. */
        double memory(Point before) {
            return (mebibytes - parameters) / (before.mebibytes - before.parameters) / (amount / before.amount);
        }

        /** What is worse than linear since another point, in words. */
        List<String> worse(Point before) {
            var worse = new ArrayList<String>();
            if (time(before) > 1 + TOLERANCE) {
                worse.add("time");
            }
            if (memory(before) > 1 + TOLERANCE) {
                worse.add("memory");
            }
            return worse;
        }
    }

    /** @param arguments axis, and JMH's options */
    static void measure(List<String> arguments) throws CommandLineOptionException, RunnerException, IOException {
        if (arguments.isEmpty()) {
            throw new IllegalArgumentException(
                    "expected an axis after growth, one of " + Arrays.toString(Axis.values()));
        }
        var axis = Axis.of(arguments.get(0));
        var options = new ArrayList<>(List.of("GenerationBenchmark", "-wi", "1", "-w", "1ms", "-i", "1", "-r", "1ms"));
        var asked = arguments.subList(1, arguments.size());
        options.addAll(asked);
        addAbsent(options, asked, "size", "base");
        addAbsent(options, asked, "dtype", "fp32");
        addAbsent(options, asked, "batch", axis == Axis.BATCH ? axis.values : "4");
        addAbsent(options, asked, "beams", axis == Axis.BEAMS ? axis.values : "5");
        addAbsent(options, asked, "pixels", axis == Axis.PIXELS ? axis.values : "224");
        var points = Benchmarks.run(options).stream()
                .map(result -> Point.of(axis, result))
                .sorted(Comparator.comparingDouble(Point::amount))
                .toList();
        if (!print(axis, points)) {
            System.exit(1);
        }
    }

    private static void addAbsent(List<String> options, List<String> asked, String parameter, String values) {
        if (asked.stream().noneMatch(option -> option.startsWith(parameter + "="))) {
            options.addAll(List.of("-p", parameter + "=" + values));
        }
    }

    /** Whether no step is worse than linear. */
    private static boolean print(Axis axis, List<Point> points) {
        System.out.printf(
                "%nTime, and memory above the model's, for each of %s by those of the setting before.%n%n",
                axis == Axis.PIXELS ? "the image tokens" : axis);
        var head = List.of("captions", "seconds an image", "MiB", "time", "memory", "");
        System.out.println(ResultTable.line(head));
        System.out.println("| --- |" + " ---: |".repeat(head.size() - 1));
        boolean linear = true;
        for (int i = 0; i < points.size(); i++) {
            var point = points.get(i);
            var before = points.get(Math.max(0, i - 1));
            var worse = point.worse(before);
            linear &= worse.isEmpty();
            System.out.println(ResultTable.line(List.of(
                    point.name,
                    String.format(Locale.ROOT, "%.3f", point.seconds / point.images),
                    ResultTable.number(point.mebibytes),
                    i == 0 ? "" : String.format(Locale.ROOT, "%.2f", point.time(before)),
                    i == 0 ? "" : String.format(Locale.ROOT, "%.2f", point.memory(before)),
                    worse.isEmpty() ? "" : "worse than linear: " + String.join(", ", worse))));
        }
        return linear;
    }
}
