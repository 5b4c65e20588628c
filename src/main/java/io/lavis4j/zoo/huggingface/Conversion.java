package io.lavis4j.zoo.huggingface;

import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.io.Listing;
import io.lavis4j.model.BaseModel;
import io.lavis4j.nn.LoadReport;
import io.lavis4j.tensor.Devices;
import io.lavis4j.zoo.LocatedWeights;
import io.lavis4j.zoo.ModelType;
import io.lavis4j.zoo.PositionTables;
import io.lavis4j.zoo.ShapeCheck;
import io.lavis4j.zoo.WeightFiles;
import io.lavis4j.zoo.WeightSource;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Checkpoints of LAVIS to folders of Hugging Face's, and back. Tensors are streamed from mapped files and keep their
 * dtypes; each keeps its bytes on the way there and back, also those that Hugging Face's class has no place for. Of a
 * checkpoint the model alone is converted: the state of the optimizer and the epoch have no place in a folder.
 * Positions are resized where the model's type asks for it.
 *
 * <p>The word that LAVIS adds to Vicuna has a random row, which is drawn anew here as at every start of LAVIS.
 */
public final class Conversion {

    /** What a checkpoint is to the files that its model's type names. */
    public enum Place {
        /** It is read in place of the type's checkpoint. */
        OF_CHECKPOINT,
        /** It comes over all of them, as that of a run does, which has what is trained. */
        OVER_ALL
    }

    private static final int SHOWN = 5;

    private Conversion() {}

    /**
     * Refuses a place for what is converted where something is, or that is in no folder.
     *
     * @throws IllegalArgumentException if it is one
     */
    public static void requireNew(Path target) {
        FolderWriter.requireNew(target);
    }

    /**
     * A folder from a checkpoint. What it lacks, as the language model always, comes from the type's files.
     *
     * @param folder a new one
     * @throws UncheckedIOException if a file is nowhere, cannot be read or cannot be written
     * @throws IllegalArgumentException if the checkpoint belongs to another type, a tensor is in no file, the folder is
     *     there already, or Hugging Face has no class for the model
     */
    public static <M extends BaseModel> ConversionReport toFolder(
            Path checkpoint, Place place, ModelType<M> type, WeightFiles weights, Path folder) {
        FolderWriter.requireNew(folder);
        var sources = type.sources();
        var files = new LinkedHashMap<String, Path>();
        for (var source : sources) { // those that a model is made with
            switch (source.lookup()) {
                case MODEL -> files.put(source.part(), weights.model(source.reference()));
                case TOKENIZER -> files.put(source.part(), weights.tokenizer(source.reference()));
                default -> {}
            }
        }
        var located = new LocatedWeights(files);
        try (var scope = new PointerScope();
                var model = type.create(located, Devices.cpu())) {
            var state = new LinkedHashMap<>(PositionTables.ofCheckpoint(checkpoint, type, model.module()));
            new ShapeCheck(checkpoint, "", type).require(state, model.module());
            var names = List.copyOf(state.keySet());
            var report = new ConversionReport();
            var gathering = new Gathering<>(model, type, weights, state, report);
            gathering.requireOfModel(checkpoint);
            if (place == Place.OVER_ALL) {
                gathering.requireOfRun(checkpoint);
            }
            var reversed = new ArrayList<>(sources);
            Collections.reverse(reversed);
            reversed.stream()
                    .filter(source -> source.hasWeights() && (place == Place.OVER_ALL || !source.isCheckpoint()))
                    .forEach(source -> gathering.fill(checkpoint, source));
            gathering.requireWhole(checkpoint);
            var kind = ModelClass.of(model);
            new Export<>(model, state, names, report).write(folder, SourceTokenizers.of(kind, type, located));
            return report;
        }
    }

    /** Tensors of the whole model, each from the last file that has it. */
    private record Gathering<M extends BaseModel>(
            M model, ModelType<M> type, WeightFiles weights, Map<String, Tensor> state, ConversionReport report) {

        private List<String> lacking(String prefix) {
            var kind = ModelClass.of(model);
            return model.module().stateDict().keySet().stream()
                    .filter(name -> name.startsWith(prefix) && !state.containsKey(name) && !kind.isNeverInFile(name))
                    .toList();
        }

        void requireOfModel(Path checkpoint) {
            var own = model.module().stateDict().keySet();
            if (state.keySet().stream().noneMatch(own::contains)) {
                throw new IllegalArgumentException("%s holds nothing of a %s: it has %s"
                        .formatted(checkpoint, model.getClass().getSimpleName(), Listing.of(state.keySet(), SHOWN)));
            }
        }

        /** What is trained, as where a run's checkpoint is loaded; names too many are kept beside the weights. */
        void requireOfRun(Path checkpoint) {
            var kind = ModelClass.of(model);
            var own = model.module().stateDict().keySet();
            var missing = model.module().trainableStateDict().keySet().stream()
                    .filter(name -> !state.containsKey(name) && !kind.isNeverInFile(name))
                    .toList();
            if (!missing.isEmpty()) {
                var unexpected = state.keySet().stream()
                        .filter(name -> !own.contains(name))
                        .toList();
                var loaded = state.keySet().stream().filter(own::contains).toList();
                new LoadReport(loaded, List.of(), missing, unexpected).requireComplete(checkpoint.toString());
            }
        }

        void fill(Path checkpoint, WeightSource<M> source) {
            var lacking = lacking(source.prefix());
            if (lacking.isEmpty()) {
                return;
            }
            var file = find(checkpoint, source, lacking);
            var part = source.into().apply(model);
            var read = source.isCheckpoint()
                    ? PositionTables.ofCheckpoint(file, type, model.module())
                    : Checkpoints.stateDict(file);
            var fitted = source.fit().apply(read, model);
            new ShapeCheck(file, source.prefix(), type).require(fitted, part);
            for (String name : lacking) {
                var tensor = fitted.get(name.substring(source.prefix().length()));
                if (tensor != null) {
                    state.put(name, tensor);
                    report.add("taken from " + file, name);
                }
            }
        }

        private Path find(Path checkpoint, WeightSource<M> source, List<String> lacking) {
            try {
                return switch (source.lookup()) {
                    case FILE -> weights.file(source.reference());
                    default -> weights.model(source.reference());
                };
            } catch (UncheckedIOException e) {
                throw new UncheckedIOException(
                        "%s lacks %s, which %s has: %s"
                                .formatted(checkpoint, Listing.of(lacking, SHOWN), source.reference(), e.getMessage()),
                        e.getCause());
            }
        }

        void requireWhole(Path checkpoint) {
            var lacking = lacking("");
            if (!lacking.isEmpty()) {
                throw new IllegalArgumentException(
                        "neither %s nor a file of its type has %s; convert a checkpoint of the whole BLIP-2 model, or name the one below it"
                                .formatted(checkpoint, Listing.of(lacking, SHOWN)));
            }
        }
    }

    /**
     * A checkpoint from a folder: of one that was made from a checkpoint, exactly what that held; of another, all but
     * the language model, which LAVIS's checkpoints leave to its own folder.
     *
     * @param checkpoint a new file
     * @throws UncheckedIOException if a file cannot be read or written
     * @throws IllegalArgumentException if the folder's class is not one of ours, it lacks a part of it, or the file is
     *     there already
     */
    public static ConversionReport toCheckpoint(Path folder, Path checkpoint) {
        FolderWriter.requireNew(checkpoint);
        var config = FolderConfig.of(folder);
        return toCheckpoint(HuggingFaceFolder.type(folder, config, ModelClass.of(config)), checkpoint);
    }

    private static <M extends BaseModel> ConversionReport toCheckpoint(FolderType<M> type, Path checkpoint) {
        var kind = type.kind();
        var report = new ConversionReport();
        try (var scope = new PointerScope()) {
            var lavis = LavisTensors.of(type.folder());
            var state = type.renamed(Checkpoints.stateDict(type.folder()));
            if (lavis.words() > 0) {
                kind.tables()
                        .forEach(table -> state.computeIfPresent(
                                kind.prefix() + table, (name, tensor) -> tensor.narrow(0, 0, lavis.words())));
            }
            state.putAll(lavis.tensors());
            Set<String> wanted = new LinkedHashSet<>(lavis.checkpoint());
            if (wanted.isEmpty()) {
                var lacking = kind.names().lacking(state.keySet());
                if (!lacking.isEmpty()) {
                    throw new IllegalArgumentException("%s: expected the weights of a whole %s, but %s are not there"
                            .formatted(type.folder(), kind, Listing.of(lacking, SHOWN)));
                }
                state.keySet().stream()
                        .filter(name -> !kind.hasLanguageModel() || !name.startsWith(kind.prefix()))
                        .forEach(wanted::add);
            }
            var written = new LinkedHashMap<String, Tensor>();
            for (String name : wanted) {
                var tensor = state.getOrDefault(name, state.get(kind.tiedTo(name)));
                if (tensor == null) {
                    throw new IllegalArgumentException("%s: %s says that the checkpoint had %s, but the folder lacks it"
                            .formatted(type.folder(), LavisTensors.FILE, name));
                }
                written.put(name, tensor);
                report.add(kind.rule(name), name);
            }
            state.keySet().stream()
                    .filter(name -> !written.containsKey(name))
                    .forEach(name -> report.add("left out, as the checkpoint leaves them to other files", name));
            Checkpoints.write(checkpoint, Map.of("model", written));
        }
        return report;
    }
}
