package io.lavis4j.cli;

import io.lavis4j.check.CheckListener;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Help.Ansi;

/** Rate and ETA of a check: a bar on a terminal, a line every half minute in a file or pipe. */
final class CheckProgress implements CheckListener, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CheckProgress.class);
    private static final int COLUMNS = 120;
    private static final long PAUSE = TimeUnit.SECONDS.toNanos(30);

    private final boolean terminal = Ansi.AUTO.enabled();
    private String where = "";
    private long begun;
    private long said;
    private @Nullable ProgressBar bar;

    @Override
    public void progress(String split, long done, long total) {
        if (!split.equals(where)) {
            close();
            where = split;
            begun = System.nanoTime();
            said = begun;
        }
        if (terminal) {
            show(done, total);
        } else if (System.nanoTime() - said >= PAUSE) {
            said = System.nanoTime();
            double perSecond = done / ((said - begun) / (double) TimeUnit.SECONDS.toNanos(1));
            LOG.info(
                    "{}: {} of {} records, {}/s, eta {} s",
                    split,
                    done,
                    total,
                    Math.round(perSecond),
                    Math.round((total - done) / perSecond));
        }
    }

    private void show(long done, long total) {
        if (bar == null) {
            bar = new ProgressBarBuilder()
                    .setTaskName(where)
                    .setInitialMax(total)
                    .setUnit(" records", 1)
                    .setStyle(ProgressBarStyle.ASCII)
                    .showSpeed()
                    .setMaxRenderedLength(COLUMNS)
                    .setConsumer(new ConsoleProgressBarConsumer(System.err, COLUMNS))
                    .build();
        }
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
