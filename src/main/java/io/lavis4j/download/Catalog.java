package io.lavis4j.download;

import static io.lavis4j.io.Arguments.require;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.io.JsonFile;
import io.lavis4j.io.JsonText;
import io.lavis4j.io.Listing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Published addresses of data sets and weights. The shipped ones are {@code catalog.json} beside this class; a file of
 * the same form goes over them, entry by entry, and {@code mirrors} in it rewrites the beginnings of addresses.
 */
public final class Catalog {

    private static final String RESOURCE = "catalog.json";

    private final Map<String, PublishedDataset> datasets;
    private final Map<String, String> files;
    private final Map<String, String> byHand;
    private final Map<String, String> mirrors;

    private Catalog(
            Map<String, PublishedDataset> datasets,
            Map<String, String> files,
            Map<String, String> byHand,
            Map<String, String> mirrors) {
        this.datasets = Collections.unmodifiableMap(datasets);
        this.files = Collections.unmodifiableMap(files);
        this.byHand = Collections.unmodifiableMap(byHand);
        this.mirrors = Collections.unmodifiableMap(mirrors);
    }

    /** The catalog that comes with this library. */
    public static Catalog shipped() {
        try (var stream = Catalog.class.getResourceAsStream(RESOURCE)) {
            if (stream == null) {
                throw new IllegalStateException(RESOURCE + " is not in the jar; it is not as it was built");
            }
            return new Catalog(Map.of(), Map.of(), Map.of(), Map.of())
                    .with(RESOURCE, JsonText.parse(stream.readAllBytes()));
        } catch (IOException e) {
            throw new UncheckedIOException(RESOURCE + " cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * This catalog with the entries of a file over its own.
     *
     * @throws UncheckedIOException if the file cannot be read
     * @throws IllegalArgumentException if it is not of a catalog's form; the message has the file and the place
     */
    public Catalog with(Path file) {
        return with(
                file.toString(),
                JsonFile.of(file, "a catalog of downloads, an object").object());
    }

    private Catalog with(String place, JsonNode json) {
        var catalog = new CatalogReader(place, json);
        return new Catalog(
                over(datasets, catalog.datasets()),
                over(files, catalog.weights("files")),
                over(byHand, catalog.weights("by_hand")),
                over(mirrors, catalog.mirrors()));
    }

    /** This catalog with a mirror: addresses that begin with {@code from} begin with {@code to} instead. */
    public Catalog withMirror(String from, String to) {
        Addresses.parse(to);
        return new Catalog(datasets, files, byHand, over(mirrors, Map.of(from, to)));
    }

    private static <T> Map<String, T> over(Map<String, T> below, Map<String, T> above) {
        var all = new LinkedHashMap<>(below);
        all.putAll(above);
        return all;
    }

    /** All data sets, with their addresses at mirrors. */
    public Collection<PublishedDataset> datasets() {
        return datasets.values().stream().map(this::mirrored).toList();
    }

    /**
     * A data set by name.
     *
     * @throws IllegalArgumentException if there is none of this name
     */
    public PublishedDataset dataset(String name) {
        var dataset = datasets.get(name);
        require(
                dataset != null,
                "expected a data set of the catalog (%s), got \"%s\"",
                Listing.of(datasets.keySet()),
                name);
        return mirrored(Objects.requireNonNull(dataset));
    }

    private PublishedDataset mirrored(PublishedDataset dataset) {
        return new PublishedDataset(
                dataset.name(),
                dataset.title(),
                dataset.terms(),
                dataset.images(),
                dataset.files().stream().map(this::mirrored).toList());
    }

    private PublishedFile mirrored(PublishedFile file) {
        var address = file.address();
        return address == null ? file : file.withAddress(mirrored(address));
    }

    /** The address at the mirror with the longest beginning in common; itself if there is none. */
    public URI mirrored(URI address) {
        String text = address.toString();
        return mirrors.entrySet().stream()
                .filter(mirror -> text.startsWith(mirror.getKey()))
                .max(Map.Entry.comparingByKey(Comparator.comparingInt(String::length)))
                .map(mirror -> Addresses.parse(
                        mirror.getValue() + text.substring(mirror.getKey().length())))
                .orElse(address);
    }

    /**
     * The data set that has a file, by the end of the file's path.
     *
     * @param file as a configuration resolves it, below some root
     */
    public Optional<PublishedDataset> providing(Path file) {
        return datasets.values().stream()
                .filter(dataset -> dataset.files().stream()
                        .flatMap(published -> published.provides().stream())
                        .anyMatch(file::endsWith))
                .findFirst();
    }

    /**
     * The command that fetches a file; empty if no data set has it.
     *
     * @param file as of {@link #providing}
     */
    public Optional<String> command(Path file) {
        return providing(file).map(dataset -> {
            var path = file.toAbsolutePath().normalize();
            int depth = dataset.files().stream()
                    .flatMap(published -> published.provides().stream())
                    .map(Path::of)
                    .filter(path::endsWith)
                    .mapToInt(Path::getNameCount)
                    .max()
                    .orElseThrow();
            var root = path;
            for (int i = 0; i < depth; i++) {
                root = Objects.requireNonNull(root.getParent());
            }
            return "download %s --root %s".formatted(dataset.name(), root);
        });
    }

    /**
     * The address of a published file of weights.
     *
     * @param reference its name, as {@code BLIP2/blip2_pretrained.pth} or {@code eva_vit_g.pth}, or an address outright
     */
    public Optional<URI> weights(String reference) {
        return address(reference).map(Addresses::parse).map(this::mirrored);
    }

    private Optional<String> address(String reference) {
        if (reference.contains("://")) {
            return Optional.of(reference);
        }
        String whole = files.get(reference);
        String folder = reference.substring(0, reference.lastIndexOf('/') + 1);
        String address = files.get(folder);
        return whole != null
                ? Optional.of(whole)
                : Optional.ofNullable(address).map(beginning -> beginning + reference.substring(folder.length()));
    }

    /** What a person has to do to get weights that are not published as files; {@code null} if nothing is known. */
    public @Nullable String weightsByHand(String reference) {
        return byHand.get(reference);
    }
}
