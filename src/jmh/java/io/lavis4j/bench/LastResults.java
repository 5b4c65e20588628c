package io.lavis4j.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.lavis4j.io.JsonFile;
import io.lavis4j.tensor.Cuda;
import io.lavis4j.tensor.Libtorch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.global.torch;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;

/**
 * The last results that were saved, {@code src/jmh/results/last.json}: of one machine and its versions, by benchmark
 * and parameters.
 *
 * @param machine where they were measured: processor, cores, what computes products, libtorch, Java
 * @param results figures by their labels in {@link RateProfiler}, and operations a second, by benchmark
 */
record LastResults(String machine, Map<String, Map<String, Double>> results) {

    private static final Path FILE = Path.of("src/jmh/results/last.json");
    private static final Path PROCESSOR = Path.of("/proc/cpuinfo");
    private static final String OPERATIONS = "operations/s";
    private static final List<String> FIGURES = List.of(
            RateProfiler.SAMPLES,
            RateProfiler.TOKENS,
            RateProfiler.GFLOPS,
            RateProfiler.PEAK,
            RateProfiler.BYTES,
            RateProfiler.BANDWIDTH,
            RateProfiler.MEMORY);

    /** Those in the file. */
    static LastResults read() {
        var json = JsonFile.of(FILE, "results that \"save\" wrote").object();
        var results = new TreeMap<String, Map<String, Double>>();
        json.path("results").properties().forEach(result -> results.put(result.getKey(), figures(result.getValue())));
        return new LastResults(json.path("machine").asText(), results);
    }

    private static Map<String, Double> figures(JsonNode json) {
        var figures = new LinkedHashMap<String, Double>();
        json.properties()
                .forEach(
                        figure -> figures.put(figure.getKey(), figure.getValue().asDouble()));
        return figures;
    }

    /**
     * Those in the file, none if there is no file.
     *
     * @throws IllegalArgumentException if they are another machine's or other versions'
     */
    static LastResults ofThisMachine() throws IOException {
        String here = thisMachine();
        if (!Files.exists(FILE)) {
            return new LastResults(here, new TreeMap<>());
        }
        var last = read();
        if (!last.machine.equals(here)) {
            throw new IllegalArgumentException("%s has results of %s, and this is %s; remove it to begin anew"
                    .formatted(FILE, last.machine, here));
        }
        return last;
    }

    private static String thisMachine() throws IOException {
        String processor = "unknown processor";
        if (Files.exists(PROCESSOR)) {
            try (var lines = Files.lines(PROCESSOR, StandardCharsets.ISO_8859_1)) {
                processor = lines.filter(line -> line.startsWith("model name"))
                        .map(line -> line.replaceFirst("[^:]*:\\s*", ""))
                        .findFirst()
                        .orElse(processor);
            }
        }
        return "%s, %d cores; %s; libtorch %s; Java %s"
                .formatted(
                        processor,
                        Runtime.getRuntime().availableProcessors(),
                        Libtorch.blas(),
                        Cuda.Build.of(torch.show_config().getString()).version(),
                        Runtime.version());
    }

    /** Writes the file anew, with these in the place of those of the same benchmarks. */
    void save(Collection<RunResult> measured) throws IOException {
        var all = new TreeMap<>(results);
        measured.forEach(result -> all.put(name(result.getParams()), figures(result)));
        var json = new LinkedHashMap<String, Object>();
        json.put("machine", machine);
        json.put("results", all);
        Files.createDirectories(FILE.getParent());
        var mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
        Files.writeString(FILE, mapper.writeValueAsString(json) + "\n");
        System.out.printf("%n%d results in %s, %d of them new%n", all.size(), FILE, measured.size());
    }

    /** Prints what is measured beside these, as ratios. */
    void compare(Collection<RunResult> measured) throws IOException {
        System.out.printf(
                "%nBefore: %s.%nNow: %s.%nOf rates a ratio above 1 is faster, of MiB more.%n%n",
                machine, thisMachine());
        var head = List.of("benchmark", "before", "now", "operations/s", "MiB before", "now", "MiB");
        System.out.println(ResultTable.line(head));
        System.out.println("| --- |" + " ---: |".repeat(head.size() - 1));
        for (var result : measured) {
            String name = name(result.getParams());
            var before = results.getOrDefault(name, Map.of());
            var now = figures(result);
            System.out.println(ResultTable.line(List.of(
                    name,
                    cell(before, OPERATIONS),
                    cell(now, OPERATIONS),
                    ratio(before, now, OPERATIONS),
                    cell(before, RateProfiler.MEMORY),
                    cell(now, RateProfiler.MEMORY),
                    ratio(before, now, RateProfiler.MEMORY))));
        }
    }

    private static Map<String, Double> figures(RunResult result) {
        var figures = new LinkedHashMap<String, Double>();
        figures.put(OPERATIONS, rounded(RateProfiler.perSecond(result.getPrimaryResult(), result.getParams())));
        for (String label : FIGURES) {
            double found = ResultTable.found(result, label);
            if (found > 0) {
                figures.put(label, rounded(found));
            }
        }
        return figures;
    }

    private static double rounded(double value) {
        return Double.parseDouble(String.format(Locale.ROOT, "%.4g", value));
    }

    /** Class and method, and all parameters by their names. */
    private static String name(BenchmarkParams params) {
        String method = params.getBenchmark().replaceFirst(".*\\.(\\w+\\.\\w+)$", "$1");
        return params.getParamsKeys().stream()
                .sorted()
                .map(key -> " " + key + "=" + params.getParam(key))
                .collect(Collectors.joining("", method, ""));
    }

    private static String cell(Map<String, Double> figures, String label) {
        var found = figures.get(label);
        return found == null ? "-" : ResultTable.number(found);
    }

    private static String ratio(Map<String, Double> before, Map<String, Double> now, String label) {
        Double a = before.get(label), b = now.get(label);
        return a == null || b == null ? "-" : String.format(Locale.ROOT, "%.2f", b / a);
    }
}
