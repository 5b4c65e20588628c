package io.lavis4j.distributed;

import io.lavis4j.config.Checks;
import io.lavis4j.config.Section;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How the processes of a run find and watch one another: the keys of {@code run} about several processes. Which process
 * this is, and of how many, the environment says ({@link Rendezvous}).
 *
 * @param url key {@code dist_url}: {@code env://}, the default, or {@code tcp://HOST:PORT}
 * @param backend key {@code dist_backend}: nccl, or gloo on a GPU too; {@code null}, the default, for NCCL on GPUs and
 *     Gloo on CPUs
 * @param join ours, key {@code dist_join_seconds}: how long processes wait for one another at the start; 300 s by
 *     default
 * @param silence ours, key {@code dist_silence_seconds}: after which a process that gives no sign of life is lost; 15 s
 *     by default. A sign of life comes from a thread of its own, so that neither long work nor long waiting is silence
 * @param collective ours, key {@code dist_timeout_seconds}: how long processes wait for one that lives and does not
 *     come; 365 days by default, which is LAVIS's
 */
public record GroupConfig(String url, @Nullable String backend, Duration join, Duration silence, Duration collective) {

    private static final double JOIN_SECONDS = 300;
    private static final double SILENCE_SECONDS = 15;
    private static final double COLLECTIVE_SECONDS = 365.0 * 24 * 60 * 60;

    public GroupConfig {
        new Checks()
                .that(Rendezvous.isUrl(url), "dist_url", "env:// or tcp://HOST:PORT", url)
                .that(
                        backend == null || backend.equals("gloo") || backend.equals("nccl"),
                        "dist_backend",
                        "gloo, nccl or null",
                        String.valueOf(backend))
                .positive("dist_join_seconds", seconds(join))
                .between("dist_silence_seconds", seconds(silence), 1, 3600)
                .positive("dist_timeout_seconds", seconds(collective))
                .done();
    }

    /** What {@code run} says where it says nothing. */
    public static GroupConfig defaults() {
        return new GroupConfig(
                "env://", null, duration(JOIN_SECONDS), duration(SILENCE_SECONDS), duration(COLLECTIVE_SECONDS));
    }

    /** Reads the keys. */
    public static GroupConfig read(Section run) {
        String url = run.string("dist_url", "env://");
        var backend = run.stringIfPresent("dist_backend");
        double join = run.number("dist_join_seconds", JOIN_SECONDS);
        double silence = run.number("dist_silence_seconds", SILENCE_SECONDS);
        double collective = run.number("dist_timeout_seconds", COLLECTIVE_SECONDS);
        return new GroupConfig(url, backend, duration(join), duration(silence), duration(collective));
    }

    private static Duration duration(double seconds) {
        return Duration.ofMillis(Math.round(seconds * 1000));
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
