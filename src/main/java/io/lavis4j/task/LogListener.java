package io.lavis4j.task;

import java.util.ArrayList;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes a line of the log every so many steps and at the end of a pass, in LAVIS's form. */
public final class LogListener implements RunListener {

    private static final Logger LOG = LoggerFactory.getLogger(LogListener.class);

    private final int every;

    /** @param every steps between two lines */
    public LogListener(int every) {
        this.every = every;
    }

    @Override
    public void step(Progress progress) {
        if ((progress.step() - 1) % every == 0 || progress.step() == progress.steps()) {
            LOG.info(line(progress));
        }
    }

    @Override
    public void end(Progress progress) {
        double total = progress.secondsPerStep() * progress.step();
        LOG.info(
                "{} Total time: {} ({} s / it)",
                progress.header(),
                time(Math.round(total)),
                number("%.4f", progress.secondsPerStep()));
    }

    private static String line(Progress progress) {
        var parts = new ArrayList<String>();
        parts.add(progress.header());
        parts.add("[%d/%d]".formatted(progress.step() - 1, progress.steps()));
        parts.add("eta: " + time(progress.etaSeconds()));
        if (!Double.isNaN(progress.lr())) {
            parts.add("lr: " + number("%.6g", progress.lr()));
        }
        if (!Double.isNaN(progress.loss())) {
            parts.add("loss: " + number("%.4f", progress.loss()));
        }
        parts.add("time: " + number("%.4f", progress.secondsPerStep()));
        parts.add("data: " + number("%.4f", progress.dataSecondsPerStep()));
        parts.add("max mem: " + progress.peakMebibytes());
        return String.join("  ", parts);
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }

    private static String time(long seconds) {
        return "%d:%02d:%02d".formatted(seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
}
