package io.lavis4j.cli;

import io.lavis4j.config.ConfigException;
import io.lavis4j.download.Caches;
import io.lavis4j.download.Catalog;
import io.lavis4j.download.DownloadPlan;
import io.lavis4j.download.Downloader;
import io.lavis4j.download.EnvironmentProxies;
import io.lavis4j.download.Fetcher;
import io.lavis4j.download.Http;
import io.lavis4j.download.HubSettings;
import io.lavis4j.download.Patience;
import io.lavis4j.download.PlannedFile;
import java.io.IOException;
import java.net.ProxySelector;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How things are fetched. */
final class DownloadOptions {

    @Option(
            names = "--dry-run",
            description = "Print what would be fetched, how large it is, from where and to where, and fetch nothing.")
    private boolean dryRun;

    @Option(
            names = "--offline",
            description = "Ask nobody: what is missing is listed and makes the exit status 1. HF_HUB_OFFLINE=1 does the"
                    + " same.")
    private boolean offline;

    @Option(
            names = "--jobs",
            defaultValue = "4",
            paramLabel = "N",
            description = "Files at a time (default: ${DEFAULT-VALUE}).")
    private int jobs;

    @Option(
            names = "--timeout",
            defaultValue = "60",
            paramLabel = "SECONDS",
            description = "Without a byte for so long, a connection counts as dropped (default: ${DEFAULT-VALUE}).")
    private int timeout;

    @Option(
            names = "--retries",
            defaultValue = "8",
            paramLabel = "N",
            description = "Attempts in a row that bring a file no further, before it is given up (default:"
                    + " ${DEFAULT-VALUE}).")
    private int retries;

    @Option(
            names = "--catalog",
            paramLabel = "FILE",
            description = "Further addresses, or other ones, in the form of the catalog that is shipped; may be given"
                    + " several times.")
    private List<Path> catalogs = new ArrayList<>();

    @Option(
            names = "--mirror",
            paramLabel = "FROM=TO",
            description = "Addresses that begin with FROM begin with TO instead; may be given several times.")
    private Map<String, String> mirrors = new LinkedHashMap<>();

    /** What a command asks of a downloader. */
    @FunctionalInterface
    interface Plans {
        List<DownloadPlan> of(Downloader downloader) throws InterruptedException;
    }

    /**
     * Plans, shows and does.
     *
     * @param token of the Hugging Face hub; {@code null} for the environment's
     * @return the exit status
     */
    int run(Console console, @Nullable String token, Plans plans) throws IOException, InterruptedException {
        console.require(jobs >= 1 && jobs <= 64, "--jobs", jobs, "a number from 1 to 64");
        console.require(timeout >= 1, "--timeout", timeout, "at least 1 second");
        console.require(retries >= 1, "--retries", retries, "at least 1");
        var ofEnvironment =
                configured(() -> HubSettings.of(DownloadOptions::setting).withToken(token));
        var hub = new HubSettings(ofEnvironment.endpoint(), ofEnvironment.token(), ofEnvironment.offline() || offline);
        var patience = Patience.usual(Duration.ofSeconds(timeout), dryRun ? 1 : retries);
        var http = new Http(patience, new EnvironmentProxies(ProxySelector.getDefault(), System::getenv));
        try (var display = TransferDisplay.on(console.err())) {
            var downloader = new Downloader(
                    catalog(console), Caches.of(DownloadOptions::setting), hub, new Fetcher(http, patience), display);
            var plan = DownloadPlan.of(plans.of(downloader));
            new PlanTable(dryRun && !hub.offline() ? plan.sized(http, jobs) : plan)
                    .lines()
                    .forEach(console.out()::println);
            return dryRun ? 0 : run(console, plan, hub.offline());
        }
    }

    private int run(Console console, DownloadPlan plan, boolean isOffline) throws IOException, InterruptedException {
        var failures = plan.run(jobs);
        failures.forEach(failure -> console.err().println("error: " + failure));
        var missing = plan.files().stream()
                .filter(file -> isOffline ? file.isMissing() : file.state() == PlannedFile.State.BY_HAND)
                .toList();
        if (!missing.isEmpty()) {
            console.err().println(isOffline ? "missing, and not fetched offline:" : "to be had by hand:");
            new PlanTable(plan).rows(missing).forEach(console.err()::println);
        }
        boolean done = failures.isEmpty() && missing.isEmpty();
        if (done) {
            console.out().println("all of it is there");
        }
        return done ? 0 : Main.FAILED;
    }

    /** The catalog that is shipped, with files and mirrors over it. */
    Catalog catalog(Console console) {
        catalogs.forEach(file -> console.requireThere("--catalog", file));
        return configured(() -> {
            var catalog = Catalog.shipped();
            for (var file : catalogs) {
                catalog = catalog.with(file);
            }
            for (var mirror : mirrors.entrySet()) {
                catalog = catalog.withMirror(mirror.getKey(), mirror.getValue());
            }
            return catalog;
        });
    }

    /** What is wrong with a setting is no failure of the job. */
    private static <T> T configured(Supplier<T> settings) {
        try {
            return settings.get();
        } catch (InvalidPathException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new ConfigException(List.of(String.valueOf(e.getMessage())));
        }
    }

    private static @Nullable String setting(String name) {
        return name.equals("user.home") ? System.getProperty(name) : System.getenv(name);
    }
}
