package io.lavis4j.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files under {@code configs/}, which are in the jar, and those that other jars have in the same folder. Names are
 * relative to it.
 */
public final class ShippedConfigs {

    private static final String ROOT = "io/lavis4j/configs/";
    private static final Pattern NAME = Pattern.compile("\\w[\\w.-]*/\\w[\\w.-]*\\.yaml");

    private ShippedConfigs() {}

    /** Names of the files in a folder, as {@code finetune/caption_sherlock.yaml}, in alphabetical order. */
    public static List<String> names(String folder) {
        try {
            return Collections.list(Registry.loader().getResources(ROOT + folder)).stream()
                    .flatMap(url -> files(url).stream())
                    .map(file -> folder + "/" + file)
                    .filter(NAME.asMatchPredicate())
                    .distinct()
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(ROOT + folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Plain names of what lies directly in a folder of the class path. */
    static List<String> files(URL folder) {
        try {
            if (folder.getProtocol().equals("jar")) {
                var connection = (JarURLConnection) folder.openConnection();
                connection.setUseCaches(false);
                String prefix = connection.getEntryName().replaceFirst("/?$", "/");
                try (var jar = connection.getJarFile()) {
                    return jar.stream()
                            .map(entry -> entry.getName())
                            .filter(name -> name.startsWith(prefix))
                            .map(name -> name.substring(prefix.length()))
                            .filter(name -> !name.isEmpty() && !name.contains("/"))
                            .toList();
                }
            }
            try (Stream<Path> files = Files.list(Path.of(folder.toURI()))) {
                return files.map(file -> file.getFileName().toString()).toList();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " cannot be read: " + e.getMessage(), e);
        } catch (FileSystemNotFoundException e) {
            return List.of(); // a class path of another kind, which is read by name alone
        } catch (URISyntaxException e) {
            throw new IllegalStateException("a resource's URL is a URI: " + folder, e);
        }
    }

    /** The text of a file, {@code null} if there is none of this name. */
    public static @Nullable String text(String name) {
        if (!NAME.matcher(name).matches()) {
            return null;
        }
        try (var stream = Registry.loader().getResourceAsStream(ROOT + name)) {
            return stream == null ? null : new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(ROOT + name + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** The tree of a file, {@code null} if there is none of this name. */
    static @Nullable Map<String, Object> tree(String name) {
        var text = text(name);
        return text == null ? null : YamlReader.parse("configs/" + name, text);
    }

    /** Types that have a default file, by architecture. */
    static Map<String, List<String>> models() {
        var types = new TreeMap<String, List<String>>();
        for (String name : names("model")) {
            var model = Section.root(Section.present(tree(name))).section("model");
            types.computeIfAbsent(model.string("arch"), arch -> new ArrayList<>())
                    .add(model.string("model_type"));
        }
        return types;
    }

    /** Variants that have a default file, by data set. */
    static Map<String, List<String>> datasets() {
        var variants = new TreeMap<String, List<String>>();
        for (String name : names("dataset")) {
            var datasets = Section.root(Section.present(tree(name))).section("datasets");
            for (String dataset : datasets.values().keySet()) {
                String prefix = "dataset/" + dataset + "_";
                if (name.startsWith(prefix)) {
                    variants.computeIfAbsent(dataset, d -> new ArrayList<>())
                            .add(name.substring(prefix.length(), name.length() - ".yaml".length()));
                }
            }
        }
        return variants;
    }

    /** The default file of a model type, {@code null} if there is none. */
    static @Nullable Map<String, Object> model(String arch, String type) {
        return tree("model/%s_%s.yaml".formatted(arch, type));
    }

    /** The default file of a data set's variant, {@code null} if there is none. */
    static @Nullable Map<String, Object> dataset(String name, String variant) {
        return tree("dataset/%s_%s.yaml".formatted(name, variant));
    }
}
