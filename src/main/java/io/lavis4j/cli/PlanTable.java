package io.lavis4j.cli;

import io.lavis4j.download.DownloadPlan;
import io.lavis4j.download.PlannedFile;
import io.lavis4j.download.Units;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.util.ArrayList;
import java.util.List;

/** A plan of downloads as text. */
record PlanTable(DownloadPlan plan) {

    /** A row for each file, and the totals. */
    List<String> lines() {
        var lines = new ArrayList<>(rows(plan.files()));
        var toFetch = plan.files().stream()
                .filter(file -> file.state() == PlannedFile.State.FETCH)
                .toList();
        long known = plan.rest().values().stream().mapToLong(Long::longValue).sum();
        long unknown = toFetch.stream().filter(file -> file.size() == null).count();
        lines.add("to fetch: %d files, %s%s"
                .formatted(
                        toFetch.size(),
                        Units.bytes(known),
                        unknown == 0 ? "" : " and %d of unknown size".formatted(unknown)));
        plan.rest().keySet().forEach(disk -> lines.add("free on %s: %s".formatted(disk, Units.bytes(free(disk)))));
        return lines;
    }

    private static long free(FileStore disk) {
        try {
            return disk.getUsableSpace();
        } catch (IOException e) {
            throw new UncheckedIOException("the disk %s cannot be asked for its room".formatted(disk), e);
        }
    }

    /** Rows in columns: what there is to do, size, what it provides, where it comes from and goes to. */
    List<String> rows(List<PlannedFile> files) {
        int width =
                files.stream().mapToInt(file -> provides(file).length()).max().orElse(0);
        return files.stream()
                .map(file -> "  %-8s %12s  %s  %s"
                        .formatted(
                                state(file),
                                size(file),
                                provides(file)
                                        + " ".repeat(width - provides(file).length()),
                                place(file)))
                .toList();
    }

    private static String provides(PlannedFile file) {
        return String.join(", ", file.provides());
    }

    private static String state(PlannedFile file) {
        return switch (file.state()) {
            case THERE -> "there";
            case FETCH -> file.here() > 0 ? "go on" : "fetch";
            case UNPACK -> "unpack";
            case BY_HAND -> "by hand";
            case UNKNOWN -> "unknown";
        };
    }

    private static String size(PlannedFile file) {
        Long size = file.size();
        return file.state() == PlannedFile.State.THERE ? "" : size == null ? "unknown size" : Units.bytes(size);
    }

    private static String place(PlannedFile file) {
        return switch (file.state()) {
            case THERE -> file.from().equals(file.to().toString()) ? file.from() : "";
            case UNPACK -> file.to().toString();
            case FETCH ->
                "%s -> %s%s"
                        .formatted(
                                file.from(),
                                file.to(),
                                file.here() > 0 ? " (%s are here)".formatted(Units.bytes(file.here())) : "");
            case BY_HAND, UNKNOWN -> "%s -> %s".formatted(file.from(), file.to());
        };
    }
}
