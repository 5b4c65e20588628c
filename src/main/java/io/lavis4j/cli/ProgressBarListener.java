package io.lavis4j.cli;

import io.lavis4j.task.RunListener;
import java.io.PrintStream;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A bar with rate, ETA, loss, learning rate and memory, for a terminal. */
final class ProgressBarListener implements RunListener {

    private static final int COLUMNS = 120;

    private final PrintStream terminal;
    private @Nullable ProgressBar bar;

    ProgressBarListener(PrintStream terminal) {
        this.terminal = terminal;
    }

    @Override
    public void step(Progress progress) {
        if (bar == null) {
            bar = new ProgressBarBuilder()
                    .setTaskName(progress.header())
                    .setInitialMax(progress.steps())
                    .setStyle(ProgressBarStyle.ASCII)
                    .showSpeed()
                    .setMaxRenderedLength(COLUMNS)
                    .setConsumer(new ConsoleProgressBarConsumer(terminal, COLUMNS))
                    .build();
        }
        bar.stepTo(progress.step());
        bar.setExtraMessage(message(progress));
    }

    @Override
    public void end(Progress progress) {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }

    private static String message(Progress progress) {
        var text = new StringBuilder();
        if (!Double.isNaN(progress.loss())) {
            text.append(String.format(Locale.ROOT, " loss %.4f", progress.loss()));
        }
        if (!Double.isNaN(progress.lr())) {
            text.append(String.format(Locale.ROOT, " lr %.3g", progress.lr()));
        }
        return text.append(" mem ")
                .append(progress.peakMebibytes())
                .append(" MiB")
                .toString();
    }
}
