package io.lavis4j.cli;

import io.lavis4j.reproduce.NeededFile;
import io.lavis4j.reproduce.PublishedResult;
import io.lavis4j.reproduce.PublishedResults;
import io.lavis4j.reproduce.PublishedScore;
import io.lavis4j.reproduce.Rerun;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Published results, and runs beside them, as text. */
final class ReproduceText {

    private ReproduceText() {}

    /** A line for each result. */
    static List<String> of(PublishedResults all) {
        var lines = new ArrayList<String>();
        for (var result : all.results()) {
            lines.add("%-30s%-34s%s".formatted(result.name(), headline(result), result.what()));
        }
        lines.add("");
        boolean none = all.results().stream().allMatch(result -> result.computed() == null);
        lines.add("Scores are published ones%s; reproduce NAME says what it takes to compute them."
                .formatted(none ? " and not yet computed with lavis4j" : ""));
        return lines;
    }

    /** The first score, which decides if any does. */
    private static String headline(PublishedResult result) {
        var score = result.scores().get(0);
        String values = score.published().stream()
                .map(value -> String.valueOf(value.value()))
                .distinct()
                .collect(Collectors.joining(" or "));
        return score.metric() + " " + values;
    }

    /** What it takes to have a result. */
    static List<String> of(PublishedResult result, List<NeededFile> files, List<String> options) {
        var lines = new ArrayList<>(List.of("%s: %s".formatted(result.name(), result.what()), result.status(), ""));
        if (result.config() == null) {
            lines.add("Cannot be run here: " + result.reason());
        } else {
            lines.add("On disk");
            files.forEach(file -> lines.add(line(file)));
            if (files.stream().anyMatch(file -> file.found() == null)) {
                lines.add("  %s brings weights, lavis4j download DATASET --root DIR data".formatted(result.download()));
            }
            lines.add("");
            lines.add("Command");
            lines.add("  " + result.command(options));
        }
        if (result.note() != null) {
            lines.add("");
            lines.add(result.note());
        }
        lines.add("");
        lines.add("Expected");
        result.scores().forEach(score -> lines.addAll(lines(score)));
        if (result.config() != null) {
            lines.add("");
            lines.add("Then");
            lines.add("  lavis4j reproduce %s --run DIR".formatted(result.name()));
        }
        return lines;
    }

    private static String line(NeededFile file) {
        boolean there = file.found() != null;
        return "  %-8s %-28s %s%s"
                .formatted(
                        there ? "present" : "missing",
                        file.kind(),
                        file.reference(),
                        there ? "  (%s)".formatted(file.found()) : "");
    }

    private static List<String> lines(PublishedScore score) {
        String tolerance = score.tolerance() == null ? "" : "+- " + score.tolerance();
        return score.published().stream()
                .map(value -> "  %-26s%8s %-8s %s".formatted(name(score), value.value(), tolerance, value.source()))
                .toList();
    }

    private static String name(PublishedScore score) {
        return score.split() + " " + score.metric();
    }

    /** A run's scores and the verdict. */
    static List<String> of(Rerun rerun) {
        var lines = new ArrayList<String>();
        lines.add("%s, run %s".formatted(rerun.name(), rerun.directory()));
        rerun.scores().forEach(score -> lines.add(line(score)));
        lines.add(rerun.reproduced() ? "reproduced" : "not reproduced");
        return lines;
    }

    private static String line(Rerun.Score score) {
        var expected = score.expected();
        String published = expected.published().stream()
                .map(value -> "%s (%s)".formatted(value.value(), value.source()))
                .collect(Collectors.joining(" or "));
        String verdict = !expected.decides()
                ? "does not decide"
                : "%s %s".formatted(score.within() ? "within" : "more than", expected.tolerance());
        return String.format(
                Locale.ROOT,
                "  %-26s%8.2f  %+.2f from %s: %s",
                name(expected),
                score.value(),
                score.difference(),
                published,
                verdict);
    }
}
