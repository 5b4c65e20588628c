package io.lavis4j.download;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** What there is to do, and the doing of it. */
public final class DownloadPlan {

    /** Fetches or unpacks. */
    @FunctionalInterface
    interface Work {
        void run() throws IOException, InterruptedException;
    }

    /** @param work {@code null} where nothing is to be done, or a person has to */
    record Step(PlannedFile file, @Nullable Work work) {}

    private final List<Step> steps;
    private final List<Work> afterwards;

    /** @param afterwards what comes after the steps, some of which may have failed */
    DownloadPlan(List<Step> steps, List<Work> afterwards) {
        this.steps = List.copyOf(steps);
        this.afterwards = List.copyOf(afterwards);
    }

    /** The steps of several plans; what is fetched by two of them is fetched once. */
    public static DownloadPlan of(List<DownloadPlan> plans) {
        var steps = new LinkedHashMap<Path, Step>();
        var afterwards = new ArrayList<Work>();
        for (var plan : plans) {
            plan.steps.forEach(step -> steps.putIfAbsent(step.file().to(), step));
            afterwards.addAll(plan.afterwards);
        }
        return new DownloadPlan(List.copyOf(steps.values()), afterwards);
    }

    /** All files, whatever there is to do. */
    public List<PlannedFile> files() {
        return steps.stream().map(Step::file).toList();
    }

    /** The plan with sizes that servers say, where they are not published and can be asked. */
    public DownloadPlan sized(Http http, int jobs) throws InterruptedException {
        var sized = new ArrayList<>(steps);
        var questions = new ArrayList<Callable<?>>();
        for (int i = 0; i < steps.size(); i++) {
            int index = i;
            var step = steps.get(i);
            if (step.file().state() == PlannedFile.State.FETCH && step.file().size() == null) {
                questions.add(() -> {
                    Long size = size(http, step.file().from());
                    synchronized (sized) {
                        sized.set(index, new Step(step.file().withSize(size), step.work()));
                    }
                    return size;
                });
            }
        }
        Transfers.run(questions, jobs); // who does not answer leaves a size unknown
        synchronized (sized) {
            return new DownloadPlan(sized, afterwards);
        }
    }

    private static @Nullable Long size(Http http, String address) throws IOException, InterruptedException {
        try (var answer = http.head(URI.create(address), null)) {
            return answer.status() == 200 ? answer.number("Content-Length") : null;
        }
    }

    /** Bytes that are still to come, as far as sizes are known, by the disk that they go to. */
    public Map<FileStore, Long> rest() {
        var rest = new LinkedHashMap<FileStore, Long>();
        for (var file : files()) {
            if (file.state() == PlannedFile.State.FETCH) {
                Long size = file.size();
                rest.merge(disk(file.to()), size == null ? 0 : Math.max(size - file.here(), 0), Long::sum);
            }
        }
        return rest;
    }

    private static FileStore disk(Path file) {
        var folder = file.toAbsolutePath().normalize();
        while (folder.getParent() != null && !Files.exists(folder)) {
            folder = folder.getParent();
        }
        try {
            return Files.getFileStore(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("the disk of %s cannot be asked for its room".formatted(folder), e);
        }
    }

    /**
     * Does it, several at once; a failure stops none of the others.
     *
     * @return the failures' messages; empty if all is done but what a person has to do
     * @throws IOException if the disk has no room for what is known to come; nothing has been fetched then
     */
    public List<String> run(int jobs) throws IOException, InterruptedException {
        for (var disk : rest().entrySet()) {
            long free = disk.getKey().getUsableSpace();
            if (disk.getValue() > free) {
                throw new IOException(
                        "the disk %s is too full: %s are to be fetched, %s are free; make room, or name another place"
                                .formatted(disk.getKey(), Units.bytes(disk.getValue()), Units.bytes(free)));
            }
        }
        var tasks = new ArrayList<Callable<?>>();
        steps.stream().map(Step::work).forEach(work -> {
            if (work != null) {
                tasks.add(() -> {
                    work.run();
                    return true;
                });
            }
        });
        var failures = Transfers.run(tasks, jobs);
        for (var work : afterwards) {
            work.run();
        }
        return failures;
    }
}
