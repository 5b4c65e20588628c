package io.lavis4j.cli;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Help.Ansi;

/** Rate and ETA of long work: a bar on a terminal, a line every half minute in a file or pipe. */
final class ProgressDisplay implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ProgressDisplay.class);
    private static final int COLUMNS = 120;
    private static final long PAUSE = TimeUnit.SECONDS.toNanos(30);

    private final String unit;
    private final boolean terminal = Ansi.AUTO.enabled();
    private String where = "";
    private long doneBefore;
    private long begun;
    private long said;
    private @Nullable ProgressBar bar;

    /** @param unit what is counted: {@code records} */
    ProgressDisplay(String unit) {
        this.unit = unit;
    }

    /**
     * Shows how far it is, now and then.
     *
     * @param what is being done; the rate is counted from the first call with it
     * @param total as far as is known now; below 0 if nothing is
     */
    void progress(String what, long done, long total) {
        if (!what.equals(where)) {
            close();
            where = what;
            begun = System.nanoTime();
            said = begun;
            doneBefore = done;
        }
        if (terminal) {
            show(done, total);
        } else if (System.nanoTime() - said >= PAUSE) {
            said = System.nanoTime();
            double perSecond = (done - doneBefore) / ((said - begun) / (double) TimeUnit.SECONDS.toNanos(1));
            LOG.info(
                    "{}: {}{} {}, {}/s{}",
                    what,
                    done,
                    total < 0 ? "" : " of " + total,
                    unit,
                    Math.round(perSecond * 10) / 10.0,
                    total < 0 || perSecond == 0 ? "" : ", eta " + Math.round((total - done) / perSecond) + " s");
        }
    }

    private void show(long done, long total) {
        if (bar == null) {
            bar = new ProgressBarBuilder()
                    .setTaskName(where)
                    .setInitialMax(total)
                    .startsFrom(doneBefore, Duration.ZERO)
                    .setUnit(" " + unit, 1)
                    .setStyle(ProgressBarStyle.ASCII)
                    .showSpeed()
                    .setMaxRenderedLength(COLUMNS)
                    .setConsumer(new ConsoleProgressBarConsumer(System.err, COLUMNS))
                    .build();
        }
        bar.maxHint(total);
        bar.stepTo(done);
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
