package io.lavis4j.zoo;

import io.lavis4j.download.Caches;
import io.lavis4j.io.FileNames;
import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds published weights on this machine. Nothing is downloaded here; what is nowhere is an error that has the command
 * for it.
 *
 * <p>A reference is a path outright, if it is absolute or starts with {@code ./}, {@code ../} or {@code ~/}; otherwise
 * it is a name, looked for in this order: from the working directory, in the directories given, in those of the system
 * property {@code lavis4j.weights} and of the environment variable {@code LAVIS_WEIGHTS} (separated by colons), and in
 * the caches that torch hub and Hugging Face fill. Models called {@code lavis4j/...} come with this library. Of a URL
 * the last part is the name, as in LAVIS's own cache, so that two URLs that end alike are one file.
 */
public final class WeightFiles {

    private static final String PROPERTY = "lavis4j.weights";
    private static final String VARIABLE = "LAVIS_WEIGHTS";
    private static final List<String> WEIGHTS = List.of(
            "model.safetensors.index.json", "model.safetensors", "pytorch_model.bin.index.json", "pytorch_model.bin");

    private static final List<String> TOKENIZERS =
            List.of("tokenizer.json", "tokenizer.model", "spiece.model", "vocab.json", "vocab.txt");

    private final List<Path> directories;
    private final Path torchHub;
    private final Path huggingFaceHub;
    private final BundledModel bundled;
    private final List<String> needed;

    private WeightFiles(
            List<Path> directories, Path torchHub, Path huggingFaceHub, BundledModel bundled, List<String> needed) {
        this.directories = List.copyOf(directories);
        this.torchHub = torchHub;
        this.huggingFaceHub = huggingFaceHub;
        this.bundled = bundled;
        this.needed = List.copyOf(needed);
    }

    /** The same, for errors that name the type that needs all of these references. */
    WeightFiles needing(List<String> references) {
        return new WeightFiles(directories, torchHub, huggingFaceHub, bundled, references);
    }

    /** Looks in {@code directories} first, then where this process's settings say, then in the caches. */
    public static WeightFiles in(List<Path> directories) {
        return of(
                directories,
                name -> name.equals(PROPERTY) || name.equals("user.home")
                        ? System.getProperty(name)
                        : System.getenv(name));
    }

    /** @param setting value of a system property or environment variable; {@code null} if it is not set */
    static WeightFiles of(List<Path> directories, Function<String, @Nullable String> setting) {
        var all = new ArrayList<>(directories);
        for (String name : List.of(PROPERTY, VARIABLE)) {
            String value = setting.apply(name);
            if (value != null) {
                Arrays.stream(value.split(File.pathSeparator, -1))
                        .filter(part -> !part.isBlank())
                        .map(FileNames::setting)
                        .forEach(all::add);
            }
        }
        var caches = Caches.of(setting);
        return new WeightFiles(
                all,
                caches.torchCheckpoints(),
                caches.hub(),
                new BundledModel(WeightFiles.class.getClassLoader(), caches.own()),
                List.of());
    }

    /**
     * A single file, as {@code BLIP2/blip2_pretrained_opt2.7b.pth} or {@code eva_vit_g.pth}. A name's directory part
     * may be missing where the file lies.
     *
     * @throws UncheckedIOException if it is nowhere; the message says where it was looked for
     * @throws IllegalArgumentException if the reference is not a name that could be looked for
     */
    public Path file(String reference) {
        return findFile(reference)
                .orElseThrow(() -> notFound(reference, fileName(reference), filePlaces(reference), WEIGHTS));
    }

    /** Like {@link #file}, empty if it is nowhere. */
    public Optional<Path> findFile(String reference) {
        return first(filePlaces(reference), Files::isRegularFile);
    }

    /**
     * The directory of a model on the Hugging Face hub, as {@code google-bert/bert-base-uncased}: itself or a cached
     * snapshot. In the directories given it may lie under its full name, its last part, or as the hub's cache has it.
     *
     * @return the first place that has weights; a path outright may also be a file
     * @throws UncheckedIOException if it is nowhere; the message says where it was looked for
     * @throws IllegalArgumentException if the reference is not a name that could be looked for
     */
    public Path model(String reference) {
        return findModel(reference).orElseThrow(() -> modelNotFound(reference, WEIGHTS));
    }

    /**
     * The directory of a model's tokenizer, looked for as {@link #model}, whether it has weights or not.
     *
     * @throws UncheckedIOException if it is nowhere; the message says where it was looked for
     * @throws IllegalArgumentException if the reference is not a name that could be looked for
     */
    public Path tokenizer(String reference) {
        return findTokenizer(reference).orElseThrow(() -> modelNotFound(reference, TOKENIZERS));
    }

    /** Like {@link #tokenizer}, empty if it is nowhere. */
    public Optional<Path> findTokenizer(String reference) {
        return find(reference, TOKENIZERS);
    }

    private UncheckedIOException modelNotFound(String reference, List<String> wanted) {
        return notFound(reference, fileName(reference) + "/", modelPlaces(reference), wanted);
    }

    /** Like {@link #model}, empty if it is nowhere. */
    public Optional<Path> findModel(String reference) {
        return find(reference, WEIGHTS);
    }

    private Optional<Path> find(String reference, List<String> wanted) {
        return first(
                        modelPlaces(reference),
                        place -> isOutright(reference) ? Files.exists(place) : hasAny(wanted, place))
                .or(() -> bundled.find(reference));
    }

    private static Optional<Path> first(List<Path> places, Predicate<Path> usable) {
        return places.stream().filter(usable).findFirst();
    }

    private static boolean hasAny(List<String> wanted, Path directory) {
        return wanted.stream().map(directory::resolve).anyMatch(Files::isRegularFile);
    }

    private List<Path> filePlaces(String reference) {
        if (isOutright(reference)) {
            return List.of(path(reference));
        }
        String name = checkedName(reference), base = fileName(reference);
        var places = new ArrayList<Path>();
        if (!isUrl(reference)) {
            places.add(Path.of(name));
        }
        for (var directory : directories) {
            places.add(directory.resolve(name));
            places.add(directory.resolve(base));
        }
        places.add(torchHub.resolve(base));
        return places.stream().distinct().toList();
    }

    private List<Path> modelPlaces(String reference) {
        if (isOutright(reference)) {
            return List.of(path(reference));
        }
        var names = withAliases(checkedName(reference));
        var places = new ArrayList<Path>();
        names.forEach(name -> places.add(Path.of(name)));
        for (var directory : directories) {
            for (String name : names) {
                places.add(directory.resolve(name));
                places.add(directory.resolve(fileName(name)));
                places.add(snapshot(directory, name));
            }
        }
        names.forEach(name -> places.add(snapshot(huggingFaceHub, name)));
        return places.stream().distinct().toList();
    }

    /** The hub has renamed BERT; caches know it by either name. */
    private static List<String> withAliases(String name) {
        return name.equals("bert-base-uncased") || name.equals("google-bert/bert-base-uncased")
                ? List.of("bert-base-uncased", "google-bert/bert-base-uncased")
                : List.of(name);
    }

    /** The snapshot that {@code refs/main} names, in a directory laid out as the hub's cache. */
    private static Path snapshot(Path cache, String name) {
        var repository = Caches.repository(cache, name);
        var main = repository.resolve("refs").resolve("main");
        String revision = "main";
        if (Files.isRegularFile(main)) {
            try {
                revision = Files.readString(main).strip();
                if (!revision.matches("[0-9A-Za-z]+")) {
                    throw new IOException(
                            "expected the number of a revision, got \"%s\"; fetch the model again".formatted(revision));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(main + ": " + e.getMessage(), e);
            }
        }
        return repository.resolve("snapshots").resolve(revision);
    }

    private static boolean isOutright(String reference) {
        return reference.startsWith("~")
                || reference.startsWith("./")
                || reference.startsWith("../")
                || new File(reference).isAbsolute();
    }

    private static boolean isUrl(String reference) {
        return reference.matches("(?i)[a-z][a-z0-9+.-]*://.*");
    }

    private static Path path(String reference) {
        try {
            return FileNames.setting(reference);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("\"%s\" is not a path: %s".formatted(reference, e.getReason()), e);
        }
    }

    /**
     * The name in a reference that is not a path outright; it stays below whatever directory it is resolved against.
     */
    private static String checkedName(String reference) {
        String name = isUrl(reference) ? fileName(reference) : reference;
        boolean plain = Stream.of(name.split("/", -1))
                .noneMatch(part -> part.isBlank() || part.equals(".") || part.equals("..") || part.contains("\\"));
        if (!plain || name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "\"%s\" is not a name of a published file or model, as eva_vit_g.pth or bert-base-uncased are"
                                    .formatted(reference)
                            + "; a path is absolute or starts with ./, ../ or ~/");
        }
        path(name); // can be one in this locale
        return name;
    }

    private static String fileName(String reference) {
        String path = isUrl(reference) ? reference.replaceFirst("[?#].*", "") : reference;
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** The one place where something is missing for good. */
    private UncheckedIOException notFound(String reference, String putAs, List<Path> places, List<String> wanted) {
        var looked = new StringBuilder();
        for (var place : places) {
            looked.append("\n  ")
                    .append(place.toAbsolutePath().normalize())
                    .append(Files.isDirectory(place) ? "  (a directory without " + wanted + ")" : "");
        }
        String advice = isOutright(reference)
                ? "give the path of what exists, or a published name"
                : "put it at %s, or name the directory that it lies in by the system property %s or the environment variable %s"
                        .formatted(
                                directories.isEmpty()
                                        ? "<directory>/" + putAs
                                        : directories.get(0).resolve(putAs),
                                PROPERTY,
                                VARIABLE);
        String command = PublishedTypes.download(reference, needed)
                .map(", or fetch it: "::concat)
                .orElse("");
        return new UncheckedIOException(
                "%s not found; looked at:%s\n%s%s".formatted(reference, looked, advice, command),
                new FileNotFoundException(reference));
    }
}
