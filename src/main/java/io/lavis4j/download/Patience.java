package io.lavis4j.download;

import static io.lavis4j.io.Arguments.require;

import java.time.Duration;

/**
 * How long servers are waited for.
 *
 * @param connect until there is a connection
 * @param stall without a byte, after which a connection counts as dropped
 * @param attempts in a row that bring a file no further, after which it is given up; a drop after new bytes is none
 * @param firstPause before the second attempt; each further pause is twice as long
 * @param longestPause the longest of them
 * @param longestAsked the longest that a server's {@code Retry-After} is followed
 */
public record Patience(
        Duration connect,
        Duration stall,
        int attempts,
        Duration firstPause,
        Duration longestPause,
        Duration longestAsked) {

    public Patience {
        require(attempts >= 1, "attempts: expected at least 1, got %s", attempts);
        require(
                stall.toMillis() > 0 && connect.toMillis() > 0,
                "expected a time above 0 to wait for a server, got %s and %s",
                connect,
                stall);
    }

    /** What serves most networks, with connections that may stall this long. */
    public static Patience usual(Duration stall, int attempts) {
        return new Patience(
                Duration.ofSeconds(20),
                stall,
                attempts,
                Duration.ofSeconds(1),
                Duration.ofMinutes(1),
                Duration.ofMinutes(10));
    }

    /**
     * The pause after a failure.
     *
     * @param failures in a row, from 1
     * @param chance from 0 to 1, which spreads the attempts of many clients: a pause is half of it to all of it
     */
    Duration pause(int failures, double chance) {
        double whole = Math.min(firstPause.toMillis() * Math.pow(2, failures - 1.0), longestPause.toMillis());
        return Duration.ofMillis(Math.round(whole * (1 + chance) / 2));
    }

    /** What of a server's wish is followed. */
    Duration asked(Duration wish) {
        return wish.isNegative() ? Duration.ZERO : wish.compareTo(longestAsked) > 0 ? longestAsked : wish;
    }
}
