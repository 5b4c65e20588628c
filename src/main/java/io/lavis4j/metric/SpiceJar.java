package io.lavis4j.metric;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.lavis4j.io.JsonFile;
import io.lavis4j.io.Listing;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.jar.JarFile;

/**
 * SPICE 1.0 (Anderson et al., arXiv:1607.08822) by the user's own {@code spice-1.0.jar}, in one process for all items.
 *
 * <p>The program needs CoreNLP 3.6.0 with its models and, since Java 15, a JavaScript engine (Nashorn): the class path.
 *
 * @param jar SPICE's; what lies in {@code lib} beside it is on the class path too
 * @param classPath further entries; a folder followed by {@code /*} stands for the jars in it
 * @param java that runs it
 */
public record SpiceJar(Path jar, List<String> classPath, ChildJava java) {

    /** LAVIS's name of the metric. */
    public static final String METRIC = "SPICE";

    /** @throws IllegalArgumentException if there is no such file */
    public SpiceJar {
        classPath = List.copyOf(classPath);
        if (!Files.isRegularFile(jar)) {
            throw new IllegalArgumentException(
                    "SPICE's program %s is not there; expected spice-1.0.jar, which comes with pycocoevalcap"
                            .formatted(jar.toAbsolutePath()));
        }
    }

    /**
     * The scores with SPICE's added, the mean of the items' F-scores. {@code tokenised} are the items that were scored.
     *
     * @throws UncheckedIOException if the program cannot be started, fails, takes too long, or leaves out items
     */
    public CaptionScores addTo(CaptionScores scores, List<CaptionItem> tokenised) {
        try {
            var folder = Files.createTempDirectory("spice");
            var in = folder.resolve("in.json");
            var out = folder.resolve("out.json");
            try {
                write(in, tokenised);
                try (var child = new ChildProcess(METRIC, command(in, out), java.timeout())) {
                    child.send(List.of());
                    child.awaitSuccess();
                    if (!Files.isRegularFile(out)) {
                        throw child.failure("wrote no scores");
                    }
                }
                return scores.with(METRIC, read(out, tokenised));
            } finally {
                Files.deleteIfExists(in);
                Files.deleteIfExists(out);
                Files.deleteIfExists(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("SPICE with %s (%s)".formatted(jar, e), e);
        }
    }

    private List<String> command(Path in, Path out) throws IOException {
        var entries = new ArrayList<String>();
        entries.add(jar.toString());
        entries.add(jar.resolveSibling("lib").resolve("*").toString());
        entries.addAll(classPath);
        var command = new ArrayList<>(List.of(java.java().toString(), "-Xmx8G", "-Dfile.encoding=UTF-8"));
        command.addAll(java.options());
        command.addAll(List.of("-cp", String.join(File.pathSeparator, entries), mainClass()));
        command.addAll(List.of(in.toString(), "-out", out.toString(), "-silent"));
        return command;
    }

    private String mainClass() throws IOException {
        try (var file = new JarFile(jar.toFile())) {
            var manifest = file.getManifest();
            String main = manifest == null ? null : manifest.getMainAttributes().getValue("Main-Class");
            if (main == null) {
                throw new IOException("the jar names no main class; expected SPICE's program");
            }
            return main;
        }
    }

    private static void write(Path file, List<CaptionItem> items) {
        var records = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < items.size(); i++) {
            var record = records.addObject();
            record.put("image_id", i);
            record.put("test", items.get(i).hypothesis());
            var references = record.putArray("refs");
            items.get(i).references().forEach(references::add);
        }
        JsonFile.write(file, records);
    }

    private double[] read(Path file, List<CaptionItem> items) throws IOException {
        var byPlace = new HashMap<Integer, JsonNode>();
        JsonFile.of(file, "SPICE's scores, a JSON list")
                .list()
                .forEach(record -> byPlace.put(
                        record.path("image_id").asInt(-1),
                        record.path("scores").path("All").path("f")));
        var scores = new double[items.size()];
        var missing = new ArrayList<String>();
        for (int i = 0; i < scores.length; i++) {
            var score = byPlace.get(i);
            if (score == null || !score.isNumber() || !Double.isFinite(score.doubleValue())) {
                missing.add(items.get(i).id());
            } else {
                scores[i] = score.doubleValue();
            }
        }
        if (!missing.isEmpty()) {
            throw new IOException("it gave no score to %d items: %s".formatted(missing.size(), Listing.ofIds(missing)));
        }
        return scores;
    }
}
