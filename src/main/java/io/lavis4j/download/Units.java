package io.lavis4j.download;

import java.time.Duration;
import java.util.Locale;

/** Amounts for people. */
public final class Units {

    private static final String[] NAMES = {"kB", "MB", "GB", "TB"};

    private Units() {}

    /** Bytes in powers of 1000, as disks and networks are sold: {@code 9.73 GB}. */
    public static String bytes(long bytes) {
        if (bytes < 1000) {
            return bytes + " bytes";
        }
        double amount = bytes / 1000.0;
        int unit = 0;
        for (; amount >= 999.5 && unit < NAMES.length - 1; unit++) {
            amount /= 1000;
        }
        return String.format(
                Locale.ROOT, amount < 10 ? "%.2f %s" : amount < 100 ? "%.1f %s" : "%.0f %s", amount, NAMES[unit]);
    }

    /** {@code 4 s}, {@code 2 min 5 s}, {@code 3 h 20 min}. */
    public static String time(Duration time) {
        long seconds = time.toSeconds();
        if (seconds < 10 && time.toMillis() % 1000 != 0) {
            return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1000.0);
        }
        if (seconds < 60) {
            return seconds + " s";
        }
        return seconds < 3600
                ? "%d min %d s".formatted(seconds / 60, seconds % 60)
                : "%d h %d min".formatted(seconds / 3600, seconds / 60 % 60);
    }
}
