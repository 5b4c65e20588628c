package io.lavis4j.quickstart;

import java.util.List;
import java.util.Locale;

/** The training loss over the steps as inline SVG, with a logarithmic scale. */
final class LossCurve {

    private static final int WIDTH = 720;
    private static final int HEIGHT = 260;
    private static final int LEFT = 56;
    private static final int RIGHT = 16;
    private static final int TOP = 12;
    private static final int BOTTOM = 40;

    /** The loss below which nothing is drawn. */
    private static final double FLOOR = 1e-4;

    private static final int STEP_TICKS = 5;

    private final List<LossPoint> points;
    private final double lastStep;
    private final double low;
    private final double high;

    private LossCurve(List<LossPoint> points) {
        this.points = points;
        lastStep = Math.max(1, points.get(points.size() - 1).step());
        low = Math.floor(points.stream().mapToDouble(LossCurve::log).min().orElseThrow());
        high = Math.max(
                low + 1,
                Math.ceil(points.stream().mapToDouble(LossCurve::log).max().orElseThrow()));
    }

    /** An {@code svg} element; a sentence where there is no point. */
    static String svg(List<LossPoint> points) {
        var finite = points.stream().filter(p -> Double.isFinite(p.loss())).toList();
        return finite.isEmpty() ? "<p>No loss was recorded.</p>" : new LossCurve(finite).svg();
    }

    private String svg() {
        var svg = new StringBuilder();
        svg.append("<svg class=\"curve\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"training loss over steps\">\n"
                .formatted(WIDTH, HEIGHT));
        for (double power = low; power <= high; power++) {
            double y = y(power);
            svg.append(format(
                    "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>\n", LEFT, WIDTH - RIGHT, y, y));
            svg.append(
                    format("<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n", LEFT - 8, y + 4, label(power)));
        }
        for (int i = 0; i <= STEP_TICKS; i++) {
            double step = lastStep * i / STEP_TICKS;
            svg.append(format(
                    "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.0f</text>\n",
                    x(step), HEIGHT - BOTTOM + 18, step));
        }
        svg.append(format(
                "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">optimizer step</text>\n",
                (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 4));
        svg.append("<polyline class=\"loss\" points=\"");
        points.forEach(p -> svg.append(format("%.1f,%.1f ", x(p.step()), y(log(p)))));
        return svg.append("\"/>\n</svg>").toString();
    }

    private static double log(LossPoint point) {
        return Math.log10(Math.max(FLOOR, point.loss()));
    }

    private double x(double step) {
        return LEFT + (WIDTH - LEFT - RIGHT) * step / lastStep;
    }

    private double y(double log) {
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - log) / (high - low);
    }

    private static String label(double power) {
        return power < 0 ? format("%." + (int) -power + "f", Math.pow(10, power)) : format("%.0f", Math.pow(10, power));
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
