package io.lavis4j.bench;

import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.checkpoint.SafeTensors;
import io.lavis4j.model.opt.Opt;
import io.lavis4j.model.opt.OptConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The weights of OPT in a file that the system has in memory. */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up method before any other
public class CheckpointBenchmark {

    /** Format of the file: torch or safetensors. */
    @Param({"torch", "safetensors"})
    String format;

    private OptConfig config;
    private Opt opt;
    private Setting setting;
    private Path folder;
    private Path loaded;
    private Path saved;

    /** Numbers in all weights. */
    static long numbers(OptConfig c) {
        long D = c.hiddenSize(), F = c.ffnDim();
        long norms = 2 * 2 * D, attention = 4 * (D * D + D), inner = 2 * D * F + F + D;
        long words = (long) c.vocabSize() * D, positions = (c.maxPositionEmbeddings() + 2L) * D;
        return words + positions + c.numHiddenLayers() * (norms + attention + inner) + 2 * D;
    }

    /** Draws the weights and writes the file. */
    @Setup
    public void write(Setting given) throws IOException {
        setting = given;
        config = setting.shapes().opt();
        opt = ModelPart.opt(setting);
        if (opt.numParameters() != numbers(config)) {
            throw new IllegalStateException(
                    "%s has %d numbers, the formula gives %d".formatted(config, opt.numParameters(), numbers(config)));
        }
        folder = Files.createTempDirectory("checkpoints");
        loaded = folder.resolve("loaded");
        saved = folder.resolve("saved");
        write(loaded);
    }

    private void write(Path file) {
        switch (format) {
            case "torch" -> Checkpoints.write(file, opt.stateDict());
            case "safetensors" -> SafeTensors.write(file, opt.stateDict(), Map.of());
            default ->
                throw new IllegalArgumentException("unknown format \"" + format + "\", expected torch or safetensors");
        }
    }

    /** Into a model that is going to be trained: all is copied. */
    @Benchmark
    public long load() {
        return read(true);
    }

    /** Into a model that is frozen: on the CPU the weights stay in the mapped file. */
    @Benchmark
    public long map() {
        return read(false);
    }

    private long read(boolean trained) {
        try (var scope = new PointerScope();
                var model = new Opt(config)) {
            model.to(setting.target());
            model.to(setting.precision().dtype());
            model.requiresGrad(trained);
            model.load(Checkpoints.stateDict(loaded)).requireComplete(loaded.toString());
            return model.numParameters();
        }
    }

    /** The weights, to a file. */
    @Benchmark
    public void save() {
        try (var scope = new PointerScope()) {
            write(saved);
        }
    }

    /** Removes the files and frees the weights. */
    @TearDown
    public void close() throws IOException {
        opt.close();
        Files.deleteIfExists(saved);
        Files.delete(loaded);
        Files.delete(folder);
    }
}
