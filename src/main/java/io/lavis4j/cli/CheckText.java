package io.lavis4j.cli;

import io.lavis4j.check.CheckReport;
import io.lavis4j.check.DatasetLayout;
import io.lavis4j.check.Kind;
import io.lavis4j.check.Level;
import io.lavis4j.check.Problem;
import io.lavis4j.check.SplitReport;
import io.lavis4j.check.TextSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A check in text: what is there, the numbers of each split, problems, the outcome. */
final class CheckText {

    private final CheckReport report;
    private final List<String> lines = new ArrayList<>();

    CheckText(CheckReport report) {
        this.report = report;
    }

    List<String> lines() {
        report.layout().forEach(this::add);
        report.splits().forEach(this::add);
        report.problems().stream()
                .filter(problem -> problem.kind() != Kind.FILES_MISSING) // said above, with what is there
                .forEach(this::add);
        lines.add(outcome());
        return lines;
    }

    private void add(DatasetLayout dataset) {
        lines.add("%-8s %s: %s".formatted(dataset.state(), dataset.name(), dataset.title()));
        dataset.there().forEach(path -> lines.add("         there    " + path));
        dataset.missing().forEach(path -> lines.add("         missing  " + path));
        dataset.remedy().forEach(remedy -> lines.add("         -> " + remedy));
        lines.add("         terms: " + dataset.terms());
    }

    private void add(SplitReport split) {
        lines.add("%s (%s)".formatted(split.name(), split.use()));
        lines.add(format(
                "         %,d records, %,d left out; %,d images, %,d of them not readable; %,d regions",
                split.records(), split.leftOut(), split.images(), split.unreadable(), split.regions()));
        split.groups().forEach((group, values) -> lines.add("         by %s: %s".formatted(group, counts(values))));
        split.texts().forEach(text -> lines.add("         " + words(text)));
    }

    private static String counts(Map<String, Long> values) {
        return values.entrySet().stream()
                .map(value -> format("%s %,d", value.getKey(), value.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static String words(TextSummary text) {
        return format(
                "%s: %.1f tokens on average, %d at most; model.%s is %d, which cuts %,d of %,d (%.1f %%)",
                text.text(),
                text.mean(),
                text.longest(),
                text.key(),
                text.limit(),
                text.cut(),
                text.texts(),
                100.0 * text.cut() / text.texts());
    }

    private void add(Problem problem) {
        var kind = problem.kind();
        lines.add(format(
                "%-8s %s: %s: %,d",
                kind.level() == Level.ERROR ? "ERROR" : word(kind.level()),
                problem.where(),
                kind.title(),
                problem.count()));
        problem.examples().forEach(example -> lines.add("         " + example.replaceAll("\\R", "\n         ")));
        long more = problem.count() - problem.examples().size();
        if (more > 0) {
            lines.add(format("         and %,d more", more));
        }
        if (!problem.advice().isEmpty()) {
            lines.add("         -> " + problem.advice());
        }
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    private static String word(Level level) {
        return level.name().toLowerCase(Locale.ROOT);
    }

    private String outcome() {
        long errors = count(Level.ERROR), warnings = count(Level.WARNING);
        return report.isSound()
                ? "Sound: nothing that a run would fail of; warnings: %d".formatted(warnings)
                : "Not sound: a run would fail; errors: %d, warnings: %d".formatted(errors, warnings);
    }

    private long count(Level level) {
        return report.problems().stream()
                .filter(problem -> problem.kind().level() == level)
                .count();
    }
}
