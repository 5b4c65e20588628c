package io.lavis4j.zoo;

import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.io.Listing;
import io.lavis4j.model.BaseModel;
import io.lavis4j.nn.LoadReport;
import io.lavis4j.zoo.LoadingReport.Step;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The steps that give one model its values. */
final class Filling<M extends BaseModel> {

    private static final Logger LOG = LoggerFactory.getLogger(ModelLoader.class);
    private static final int SHOWN = 8;

    private final ModelType<M> type;
    private final LocatedWeights files;
    private final M model;
    private final @Nullable Path run;
    private final List<WeightSource<M>> sources;
    private final List<Step> steps = new ArrayList<>();

    /** @param run checkpoint of a run, which comes over everything; {@code null} for none */
    Filling(ModelType<M> type, LocatedWeights files, M model, @Nullable Path run) {
        this.type = type;
        sources = type.sources().stream().filter(WeightSource::hasWeights).toList();
        this.files = files;
        this.model = model;
        this.run = run;
    }

    LoadingReport run() {
        for (var source : sources) {
            var file = files.find(source.part());
            if (file.isPresent()) {
                fill(source, file.get());
            }
        }
        var missing = model.module().unsetParameters();
        requireNew(missing);
        for (var source : sources) {
            if (files.find(source.part()).isEmpty()) {
                LOG.info("{} not found, the checkpoint has the whole {}", source.reference(), source.part());
            }
        }
        model.initializeUnset();
        if (run != null) {
            missing = fillFromRun(run, missing);
        }
        var report = new LoadingReport(steps, missing);
        LOG.info("{} from {}", model.getClass().getSimpleName(), report);
        return report;
    }

    private void fill(WeightSource<M> source, Path file) {
        try (var scope = new PointerScope()) {
            var read = source.isCheckpoint() ? checkpoint(file) : Checkpoints.stateDict(file);
            var state = source.fit().apply(read, model);
            var part = source.into().apply(model);
            new ShapeCheck(file, source.prefix(), type).require(state, part);
            var report = part.load(state);
            var step = new Step(
                    source.part(), file, source.isCheckpoint() ? ofCheckpoint(file, report) : ofPart(source, report));
            steps.add(step);
            LOG.info("{}", step);
        }
    }

    private Map<String, Tensor> checkpoint(Path file) {
        return PositionTables.ofCheckpoint(file, type, model.module());
    }

    /** @return those of the missing parameters that the run did not train either */
    private List<String> fillFromRun(Path file, List<String> missing) {
        try (var scope = new PointerScope()) {
            var state = checkpoint(file);
            new ShapeCheck(file, "", type).require(state, model.module());
            var report = model.module().load(state).requireComplete(file.toString());
            var step = new Step("run", file, ofCheckpoint(file, report));
            steps.add(step);
            LOG.info("{}", step);
            return missing.stream().filter(report.missingFrozen()::contains).toList();
        }
    }

    private LoadReport ofPart(WeightSource<M> source, LoadReport report) {
        String prefix = source.prefix();
        return new LoadReport(
                prefixed(prefix, report.loaded().stream()),
                List.of(),
                prefixed(prefix, missing(report)).stream()
                        .filter(name -> !type.isNew(name))
                        .toList(),
                prefixed(prefix, report.unexpected().stream()));
    }

    private LoadReport ofCheckpoint(Path file, LoadReport report) {
        if (report.loaded().isEmpty()) {
            var trained = List.copyOf(model.module().trainableStateDict().keySet());
            throw new IllegalArgumentException("%s holds nothing of a %s: expected names as %s and %s, got %s"
                    .formatted(
                            file,
                            model.getClass().getSimpleName(),
                            trained.get(0),
                            trained.get(trained.size() - 1),
                            Listing.of(report.unexpected(), SHOWN)));
        }
        var byDesign = new ArrayList<String>();
        var missing = new ArrayList<String>();
        missing(report).forEach(name -> (wasFrozen(name, report.loaded()) ? byDesign : missing).add(name));
        return new LoadReport(report.loaded(), byDesign, missing, report.unexpected());
    }

    /** Parameters that a file lacks, frozen or not; the one buffer is always made anew. */
    private static Stream<String> missing(LoadReport report) {
        return Stream.concat(report.missingFrozen().stream(), report.missing().stream())
                .filter(name -> !name.endsWith("position_ids"));
    }

    /** Whether the checkpoint has nothing of the backbone or language model that {@code name} is in. */
    private boolean wasFrozen(String name, List<String> loaded) {
        return sources.stream()
                .filter(source -> !source.isCheckpoint()
                        && source.lookup() != WeightSource.Lookup.MODEL_UNLESS_CHECKPOINT
                        && name.startsWith(source.prefix()))
                .anyMatch(source -> loaded.stream().noneMatch(other -> other.startsWith(source.prefix())));
    }

    /**
     * Parameters that the reference takes from files must have come from them; the rest is new in the model or trained
     * from scratch.
     */
    private void requireNew(List<String> unset) {
        var lacking = new LinkedHashMap<String, List<String>>();
        for (String name : unset) {
            String place = type.isNew(name) ? "" : expectedIn(name);
            if (!place.isEmpty()) {
                lacking.computeIfAbsent(place, s -> new ArrayList<>()).add(name);
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
     * The file that should have held a parameter, in words; empty if nothing says that there is one. A part that is
     * trained from scratch is so only as long as there is no checkpoint of it.
     */
    private String expectedIn(String name) {
        String checkpoint = sources.stream()
                .filter(WeightSource::isCheckpoint)
                .map(source -> files.of(source.part()).toString())
                .findFirst()
                .orElse("");
        return sources.stream()
                .filter(source -> !source.isCheckpoint() && name.startsWith(source.prefix()))
                .findFirst()
                .map(source -> files.find(source.part())
                        .map(Path::toString)
                        .orElse("%s or in %s, which was not found: put it where weights are looked for"
                                .formatted(checkpoint, source.reference())))
                .orElse(checkpoint);
    }

    private static List<String> prefixed(String prefix, Stream<String> names) {
        return names.map(prefix::concat).toList();
    }
}
