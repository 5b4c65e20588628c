package io.lavis4j.zoo;

import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.io.Listing;
import io.lavis4j.model.VisionEncoderConfig;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.model.clipvit.ClipVitConfig;
import io.lavis4j.model.clipvit.ClipVitWeights;
import io.lavis4j.model.evavit.EvaVitConfig;
import io.lavis4j.model.evavit.EvaVitWeights;
import io.lavis4j.model.opt.OptWeights;
import io.lavis4j.model.qformer.QFormerWeights;
import io.lavis4j.nn.LoadReport;
import io.lavis4j.nn.Module;
import io.lavis4j.zoo.Blip2OptReport.Step;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The steps that give one model its values. */
final class Blip2OptFilling {

    private static final Logger LOG = LoggerFactory.getLogger(Blip2OptFilling.class);

    private static final String VISION = "visual_encoder.";
    private static final String QFORMER = "Qformer.";
    private static final String OPT = "opt_model.";
    private static final int SHOWN = 8;

    private final Blip2Opt model;
    private final Blip2OptLoader.Found found;
    private final List<Step> steps = new ArrayList<>();

    Blip2OptFilling(Blip2Opt model, Blip2OptLoader.Found found) {
        this.model = model;
        this.found = found;
    }

    Blip2OptReport run() {
        var vision = model.config().vision();
        var backbone = found.vision();
        if (backbone != null) {
            part("vision encoder", backbone, VISION, model.visualEncoder().module(), s -> fitVision(s, vision));
        }
        var bert = found.bert();
        if (bert != null) {
            part("Q-Former", bert, QFORMER, model.qformer(), state -> QFormerWeights.fit(state, model.qformer()));
        }
        part("language model", found.opt(), OPT, model.opt(), OptWeights::fit);
        var checkpoint = found.checkpoint();
        if (checkpoint != null) {
            checkpoint(checkpoint);
        }
        var missing = model.unsetParameters();
        requireNew(missing);
        if (bert == null && found.files().bert() != null) {
            LOG.info("{} not found, {} has the whole Q-Former", found.files().bert(), checkpoint);
        }
        model.initializeUnset();
        var report = new Blip2OptReport(steps, missing);
        LOG.info("BLIP-2 with OPT from {}", report);
        return report;
    }

    private static Map<String, Tensor> fitVision(Map<String, Tensor> state, VisionEncoderConfig config) {
        if (config instanceof EvaVitConfig eva) {
            return EvaVitWeights.fit(state, eva);
        }
        if (config instanceof ClipVitConfig clip) {
            return ClipVitWeights.fit(state, clip);
        }
        throw new IllegalArgumentException("no backbone file is known for " + config);
    }

    private void part(String part, Path file, String prefix, Module module, UnaryOperator<Map<String, Tensor>> fit) {
        try (var scope = new PointerScope()) {
            var state = fit.apply(Checkpoints.stateDict(file));
            shapes(file, prefix).require(state, module);
            var report = module.load(state);
            var missing = missing(report).filter(name -> !QFormerWeights.isNew(name));
            add(
                    part,
                    file,
                    new LoadReport(
                            prefixed(prefix, report.loaded().stream()),
                            List.of(),
                            prefixed(prefix, missing),
                            prefixed(prefix, report.unexpected().stream())));
        }
    }

    private void checkpoint(Path file) {
        try (var scope = new PointerScope()) {
            var state = Checkpoints.stateDict(file);
            shapes(file, "").require(state, model);
            var report = model.load(state);
            if (report.loaded().isEmpty()) {
                throw new IllegalArgumentException(
                        "%s holds nothing of a BLIP-2 model with OPT: expected names as query_tokens and opt_proj.weight, got %s"
                                .formatted(file, Listing.of(report.unexpected(), SHOWN)));
            }
            var byDesign = new ArrayList<String>();
            var missing = new ArrayList<String>();
            missing(report).forEach(name -> (wasFrozen(name, report.loaded()) ? byDesign : missing).add(name));
            add("BLIP-2 checkpoint", file, new LoadReport(report.loaded(), byDesign, missing, report.unexpected()));
        }
    }

    private ShapeCheck shapes(Path file, String prefix) {
        return new ShapeCheck(file, prefix, model.config().vision().imageSize());
    }

    /** Parameters that a file lacks, frozen or not; the one buffer is always made anew. */
    private static Stream<String> missing(LoadReport report) {
        return Stream.concat(report.missingFrozen().stream(), report.missing().stream())
                .filter(name -> !name.endsWith("position_ids"));
    }

    /** Whether the checkpoint has nothing of the backbone or language model that {@code name} is in. */
    private static boolean wasFrozen(String name, List<String> loaded) {
        return Stream.of(VISION, OPT)
                .filter(name::startsWith)
                .anyMatch(part -> loaded.stream().noneMatch(other -> other.startsWith(part)));
    }

    private void add(String part, Path file, LoadReport report) {
        var step = new Step(part, file, report);
        steps.add(step);
        LOG.info("{}", step);
    }

    /**
     * What the reference takes from files must have come from them; the rest is new in BLIP-2 or trained from scratch.
     */
    private void requireNew(List<String> unset) {
        var lacking = new LinkedHashMap<String, List<String>>();
        for (String name : unset) {
            String source = sourceOf(name);
            if (!source.isEmpty()) {
                lacking.computeIfAbsent(source, s -> new ArrayList<>()).add(name);
            }
        }
        if (!lacking.isEmpty()) {
            throw new IllegalArgumentException(lacking.entrySet().stream()
                    .map(e -> "no file has a value for %s; expected in %s"
                            .formatted(Listing.of(e.getValue(), SHOWN), e.getKey()))
                    .collect(Collectors.joining(". ")));
        }
    }

    /**
     * The file that should have held a parameter, in words; empty for a parameter that is new. A part that is trained
     * from scratch is so only as long as there is no checkpoint of it.
     */
    private String sourceOf(String name) {
        String checkpoint = found.checkpoint() == null ? "" : found.checkpoint().toString();
        if (name.startsWith(VISION)) {
            return found.vision() == null ? checkpoint : found.vision().toString();
        }
        if (name.startsWith(OPT)) {
            return found.opt().toString();
        }
        if (!name.startsWith(QFORMER) || QFormerWeights.isNew(name)) {
            return "";
        }
        if (found.files().bert() == null) {
            return checkpoint;
        }
        return found.bert() == null
                ? "%s or in %s, which was not found: put it where weights are looked for"
                        .formatted(checkpoint, found.files().bert())
                : found.bert().toString();
    }

    private static List<String> prefixed(String prefix, Stream<String> names) {
        return names.map(prefix::concat).toList();
    }
}
