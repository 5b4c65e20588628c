package io.lavis4j.download;

import java.io.Closeable;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A server's response.
 *
 * @param address that answered, after redirects
 * @param status of HTTP
 * @param headers as the server gives them
 * @param body to be closed
 */
record Answer(URI address, int status, HttpHeaders headers, BodyChunks body) implements Closeable {

    private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (?:(\\d{1,18})-\\d{1,18}|\\*)/(\\d{1,18}|\\*)");

    /** @return {@code null} if it is not there */
    @Nullable
    String header(String name) {
        return headers.firstValue(name).map(String::strip).orElse(null);
    }

    /** A header that is a number of bytes; {@code null} if it is not. */
    @Nullable
    Long number(String name) {
        return parse(headers.firstValue(name).orElse(""));
    }

    private static @Nullable Long parse(String text) {
        return NUMBER.matcher(text).matches() ? Long.valueOf(text) : null;
    }

    /** What of a file a response has. */
    record Range(@Nullable Long first, @Nullable Long size) {}

    /** The header {@code Content-Range}. */
    Range contentRange() {
        var range = CONTENT_RANGE.matcher(headers.firstValue("Content-Range").orElse(""));
        return range.matches()
                ? new Range(range.group(1) == null ? null : Long.valueOf(range.group(1)), parse(range.group(2)))
                : new Range(null, null);
    }

    /** How long the server asks to wait, in seconds or until a date; {@code null} if it does not. */
    @Nullable
    Duration retryAfter(Clock clock) {
        String text = header("Retry-After");
        Long seconds = text == null ? null : parse(text);
        if (text == null || seconds != null) {
            return seconds == null ? null : Duration.ofSeconds(seconds);
        }
        try {
            Instant date = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            return Duration.between(clock.instant(), date);
        } catch (DateTimeException e) {
            return null; // another form; the pause is this side's
        }
    }

    /** What the server says of the whole file, of {@code size} bytes. */
    Validator validator(@Nullable Long size) {
        return new Validator(header("ETag"), header("Last-Modified"), size);
    }

    @Override
    public void close() {
        body.close();
    }
}
