package io.lavis4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.download.TransferListener;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TransferDisplayTest {

    private static final long SECOND = 1_000_000_000;
    private static final Path ONE = Path.of("a/one.zip"), TWO = Path.of("two.zip");

    private final StringWriter written = new StringWriter();
    private long now;

    private TransferDisplay display(boolean rewrites) {
        return new TransferDisplay(new PrintWriter(written), rewrites, () -> now);
    }

    @Test
    void rateAndTimeLeftAreThoseOfAllFiles() {
        try (var display = display(false)) {
            display.at(ONE, 1_000_000, 11_000_000);
            now = 5 * SECOND;
            display.at(TWO, 0, 10_000_000);
            now = 10 * SECOND;
            display.at(TWO, 5_000_000, 10_000_000);
            display.at(ONE, 6_000_000, 11_000_000);
        }
        assertThat(written.toString().lines())
                .containsExactly(
                        "1.00 MB of 11.0 MB  one.zip", "6.00 MB of 21.0 MB, 500 kB/s, 30 s left  one.zip, two.zip");
    }

    @Test
    void withoutATerminalALineComesEveryTenSeconds() {
        try (var display = display(false)) {
            for (; now < 60 * SECOND; now += SECOND / 10) {
                display.at(ONE, 1000 + now / 1000, TransferListener.UNKNOWN);
            }
        }
        assertThat(written.toString().lines()).hasSize(6);
    }

    @Test
    void onATerminalTheLineIsRewritten() {
        try (var display = display(true)) {
            display.at(ONE, 1000, 2000);
            now = SECOND;
            display.at(ONE, 2000, 2000);
            display.note("an event");
        }
        assertThat(written.toString())
                .startsWith("\r1.00 kB of 2.00 kB  one.zip")
                .contains("\r2.00 kB of 2.00 kB, 1.00 kB/s");
        assertThat(written.toString().lines()).last().isEqualTo("an event");
    }
}
