package io.lavis4j.config;

import io.lavis4j.io.FileNames;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A run's configuration, merged as LAVIS does. From below: the default file of the model's type and of each data set's
 * variant (its key {@code type}, or "default"), the user's file, the options. Maps are merged, lists replaced whole.
 *
 * <p>Unlike in LAVIS an option may choose the default file, as {@code model.model_type=pretrain_opt2.7b}, and
 * OmegaConf's interpolations, as {@code ${data_root}/out}, have their values from the start: see {@link Resolution}.
 */
public final class Configuration {

    private static final String DEFAULT = "default";
    private static final String DATA_ROOT = "data_root";
    private static final String DATA_ROOT_VARIABLE = "LAVIS_DATA_ROOT";
    private static final List<String> KEYS = List.of("model", "datasets", "run", DATA_ROOT, "preprocess");
    private static final List<String> RUN_FOLDERS = List.of("finetune", "evaluate", "pretrain");

    private final Map<String, Object> tree;
    private final Problems problems;

    private Configuration(Map<String, Object> tree, Problems problems) {
        this.tree = tree;
        this.problems = problems;
    }

    /**
     * Merges a run's configuration. An architecture, type or data set that has no default file is reported by
     * {@link #bind} with everything else that is wrong.
     *
     * @param cfgPath a file, or else the name of one that is shipped, as {@code finetune/caption_sherlock.yaml}
     * @param options settings as {@code key=value}, or {@code key value} in turns
     * @param environment value of an environment variable, {@code null} if it is not set: {@code System::getenv}
     * @throws ConfigException if there is no such file, or file or options cannot be parsed
     */
    public static Configuration load(
            String cfgPath, List<String> options, Function<String, @Nullable String> environment) {
        return merge(file(cfgPath), Options.tree(options), environment);
    }

    /** A configuration that is complete: nothing is put under it. */
    public static Configuration of(Map<String, Object> resolved) {
        return new Configuration(Tree.copy(resolved), new Problems());
    }

    /**
     * The default file of a model type: sections {@code model} and {@code preprocess}, the latter for models that are
     * loaded by name.
     *
     * @throws ConfigException if there is none; it names those that there are
     */
    public static Section model(String arch, String type) {
        var problems = new Problems();
        var model = Section.root(Map.of("arch", arch, "model_type", type), problems);
        var tree = defaultsOf(model);
        model.requireValid();
        return Section.root(new Merging(System::getenv).resolved(tree, KEYS));
    }

    /** The entries of {@code datasets} in default files, by data set: of each the variant "default". */
    public static Map<String, Map<String, Object>> datasets() {
        var entries = new LinkedHashMap<String, Map<String, Object>>();
        for (String name : ShippedConfigs.datasets().keySet()) {
            var file = ShippedConfigs.dataset(name, DEFAULT);
            if (file != null) {
                entries.put(
                        name,
                        Section.root(file).section("datasets").section(name).values());
            }
        }
        return entries;
    }

    private static Map<String, Object> file(String cfgPath) {
        try {
            var path = FileNames.path(cfgPath);
            if (Files.isRegularFile(path)) {
                return YamlReader.read(path);
            }
        } catch (InvalidPathException e) {
            throw new ConfigException("a configuration cannot be called so: " + e.getMessage());
        }
        var shipped = ShippedConfigs.tree(cfgPath.replaceFirst("^(\\./)?configs/", ""));
        if (shipped == null) {
            var known = RUN_FOLDERS.stream()
                    .flatMap(folder -> ShippedConfigs.names(folder).stream())
                    .toList();
            throw new ConfigException("no file \"%s\", nor is one of that name shipped; %s"
                    .formatted(cfgPath, Nearest.adviceAndList(cfgPath, known)));
        }
        return shipped;
    }

    static Configuration merge(
            Map<String, Object> file, Map<String, Object> options, Function<String, @Nullable String> environment) {
        var problems = new Problems();
        var merging = new Merging(environment);
        var own = withEmptyDatasets(merging.withSections(file));
        var asked = Section.root(merging.withDefaultNames(withEmptyDatasets(merging.merged(own, options))), problems);
        var defaults = new LinkedHashMap<String, Object>();
        var model = asked.sectionIfPresent("model");
        if (model != null) {
            defaults.putAll(defaultsOf(model));
        }
        var datasets = asked.sectionIfPresent("datasets");
        if (datasets != null) {
            var all = new LinkedHashMap<String, Object>();
            datasets.sections().forEach((name, dataset) -> all.put(name, defaultsOf(name, dataset)));
            defaults.put("datasets", all);
        }
        var tree = merging.merged(merging.merged(defaults, own), withEmptyDatasets(options));
        var fromEnvironment = environment.apply(DATA_ROOT_VARIABLE);
        if (fromEnvironment != null && !fromEnvironment.isBlank() && merging.value(tree, DATA_ROOT) == null) {
            tree.put(DATA_ROOT, fromEnvironment);
        }
        var configuration = new Configuration(merging.resolved(tree, KEYS), problems);
        configuration.dataRoot(); // without which no path in it means anything
        return configuration;
    }

    /** A data set that is only named is one with nothing of its own. */
    private static Map<String, Object> withEmptyDatasets(Map<String, Object> tree) {
        var copy = Tree.copy(tree);
        var datasets = Tree.map(copy.get("datasets"));
        if (datasets != null) {
            datasets.replaceAll((name, dataset) -> dataset == null ? new LinkedHashMap<>() : dataset);
        }
        return copy;
    }

    private static Map<String, Object> defaultsOf(Section model) {
        String arch = model.string("arch"), type = model.string("model_type");
        var defaults = ShippedConfigs.model(arch, type);
        if (defaults != null) {
            return defaults;
        }
        var known = ShippedConfigs.models();
        var types = known.get(arch);
        if (types == null) {
            model.problem("arch", unknown(arch, known.keySet()));
        } else {
            model.problem("model_type", unknown(type, types));
        }
        model.markIncomplete();
        return Map.of();
    }

    private static Map<String, Object> defaultsOf(String name, Section dataset) {
        String variant = dataset.string("type", DEFAULT);
        var file = ShippedConfigs.dataset(name, variant);
        if (file != null) {
            var defaults = Section.root(file).section("datasets").section(name);
            defaults.requireValid();
            return defaults.values();
        }
        var known = ShippedConfigs.datasets();
        var variants = known.get(name);
        if (variants == null && dataset.has("builder")) {
            return Map.of(); // one of the user's own, which says all itself
        }
        if (variants == null) {
            dataset.problem(("is not a known data set; %s; images and texts of one's own have in this entry a builder,"
                            + " image_folder, image_text or webdataset, as src/site/markdown/data.md shows")
                    .formatted(Nearest.adviceAndList(name, known.keySet())));
        } else {
            dataset.problem("type", unknown(variant, variants));
        }
        dataset.markIncomplete();
        return Map.of();
    }

    private static String unknown(String word, Collection<String> known) {
        return "is \"%s\", which is unknown; %s".formatted(word, Nearest.adviceAndList(word, known));
    }

    /**
     * Reads the whole configuration.
     *
     * @param reader given the root; it reads the sections that it needs, each by its own {@link Section#read}
     * @return the reader's result
     * @throws ConfigException with every problem, of merging and of reading
     */
    public <T> T bind(Function<Section, ? extends @Nullable T> reader) {
        var root = root();
        T bound = root.read(reader);
        root.requireValid();
        return Section.present(bound);
    }

    /** The root of the merged tree; its known keys are model, datasets, run, data_root and preprocess. */
    public Section root() {
        var root = Section.root(tree, problems);
        KEYS.forEach(root::ignore);
        return root;
    }

    /**
     * Where the data lie: {@code data_root} of the options or the file, else the environment variable
     * {@code LAVIS_DATA_ROOT}; {@code null} if none of these says so. A {@code ~/} at its beginning is the user's home.
     *
     * @throws ConfigException if it is not a path
     */
    public @Nullable Path dataRoot() {
        var root = root().stringIfPresent(DATA_ROOT);
        try {
            return root == null || root.isBlank() ? null : FileNames.setting(root);
        } catch (InvalidPathException e) {
            throw new ConfigException(DATA_ROOT + " is not a path: " + e.getMessage());
        }
    }

    /** The merged tree. */
    public Map<String, Object> tree() {
        return Tree.copy(tree);
    }

    /** The merged tree as YAML. A run from it is the same run: defaults under it change nothing. */
    public String yaml() {
        return TreeWriter.yaml(tree);
    }

    /** The merged tree as JSON, indented by four spaces. */
    public String json() {
        return TreeWriter.json(tree);
    }
}
