package io.lavis4j.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The head of the page: what was run, when, how far it came, what is missing. */
record RunHeader(RunFacts run) {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm");

    String name() {
        var path = run.directory().path().toAbsolutePath().normalize();
        var parent = path.getParent();
        var above = parent == null ? null : parent.getFileName();
        return above == null ? path.toString() : above + "/" + path.getFileName();
    }

    /** Terms and their descriptions. */
    String facts() {
        var facts = new LinkedHashMap<String, String>();
        facts.put("model", joined(run.setting("model/arch"), run.setting("model/model_type")));
        facts.put("data set", String.join(", ", datasets()));
        facts.put("regions", regions());
        facts.put("task", run.setting("run/task").asText(""));
        facts.put("started", time(started()));
        facts.put("last written", time(newest()));
        facts.put("epochs", epochs());
        facts.put("best epoch", best());
        facts.put("seed", run.setting("run/seed").asText(""));
        facts.put(
                "directory", run.directory().path().toAbsolutePath().normalize().toString());
        return new Facts(facts).html();
    }

    /** Empty if nothing is missing. */
    String warnings() {
        if (run.warnings().isEmpty()) {
            return "";
        }
        var html = new StringBuilder("<ul class=\"warnings\" aria-label=\"warnings\">\n");
        run.warnings().forEach(warning -> html.append("<li>%s</li>\n".formatted(Html.escape(warning))));
        return html.append("</ul>").toString();
    }

    /** Empty if it is not known. */
    String configuration() {
        return run.configText().isEmpty()
                ? ""
                : "<details><summary>Configuration</summary><pre tabindex=\"0\">%s</pre></details>"
                        .formatted(Html.escape(run.configText()));
    }

    private static String joined(JsonNode first, JsonNode second) {
        return (first.asText("") + " " + second.asText("")).strip();
    }

    private Set<String> datasets() {
        var names = new TreeSet<String>();
        run.setting("datasets").fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** How the model saw them; in the images of the report they are always highlighted. */
    private String regions() {
        var modes = new ArrayList<String>();
        datasets().forEach(name -> {
            var dataset = run.setting("datasets/" + name);
            modes.add(dataset.path("region_mode").asText("highlight"));
        });
        return String.join(", ", modes);
    }

    private String epochs() {
        var planned = run.setting("run/max_epoch");
        int logged = run.history().epochs().size();
        return planned.isMissingNode() ? logged + " logged" : "%d of %s".formatted(logged, planned.asText());
    }

    private String best() {
        var best = run.bestEpoch();
        if (best == null) {
            return "not known";
        }
        String split = RunFacts.mainSplit(run.config());
        double score = run.history().value(best, split + "_agg_metrics");
        return Double.isNaN(score)
                ? best.toString()
                : "%d (agg_metrics of %s %s)".formatted(best, split, Html.number(score));
    }

    private @Nullable Instant started() {
        return written(run.directory().config());
    }

    private @Nullable Instant newest() {
        Instant newest = null;
        for (var file : List.of(run.directory().log(), run.directory().evaluations())) {
            var written = written(file);
            newest = written != null && (newest == null || written.isAfter(newest)) ? written : newest;
        }
        return newest;
    }

    private static @Nullable Instant written(Path file) {
        try {
            return Files.isRegularFile(file) ? Files.getLastModifiedTime(file).toInstant() : null;
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be read (%s)".formatted(file.toAbsolutePath(), e), e);
        }
    }

    private static String time(@Nullable Instant instant) {
        return instant == null ? "" : TIME.format(instant.atZone(ZoneId.systemDefault()));
    }

    /** Values for the places of the page. */
    Map<String, String> places() {
        return Map.of(
                "name", Html.escape(name()),
                "facts", facts(),
                "warnings", warnings(),
                "configuration", configuration());
    }
}
