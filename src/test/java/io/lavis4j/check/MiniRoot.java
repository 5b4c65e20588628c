package io.lavis4j.check;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.io.JsonFile;
import io.lavis4j.io.JsonText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * The small corpus in Sherlock's format, copied to a folder and made wrong there.
 *
 * @param root data root
 */
record MiniRoot(Path root) {

    static final Path SOURCE = Path.of("src/test/resources/sherlock_mini");
    static final String TRAIN = "sherlock_dataset/sherlock_train_v1_1.json";
    static final String VAL = "sherlock_dataset/sherlock_val_with_split_idxs_v1_1.json";

    static MiniRoot in(Path root) {
        for (String part : List.of("sherlock_dataset", "vcr1images", "vg")) {
            copy(SOURCE.resolve(part), root.resolve(part));
        }
        return new MiniRoot(root);
    }

    /** Puts a folder's files over those of another. */
    static void copy(Path from, Path to) {
        try (var files = Files.walk(from)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                var copy = to.resolve(from.relativize(file).toString());
                Files.createDirectories(Objects.requireNonNull(copy.getParent()));
                Files.deleteIfExists(copy);
                Files.copy(file, copy);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path file(String name) {
        return root.resolve(name);
    }

    /** Changes the records of a file. */
    void edit(String name, Consumer<List<ObjectNode>> change) {
        var records = (ArrayNode) JsonFile.of(file(name), "records").tree();
        change.accept(records.valueStream().map(ObjectNode.class::cast).toList());
        write(name, JsonText.of(records));
    }

    void write(String name, String text) {
        try {
            Files.writeString(file(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void delete(Path file) {
        try (var files = Files.walk(file)) {
            for (var each : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Cuts a file in the middle. */
    void cut(Path file) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The different images of a file's records, in their order. */
    List<Path> images(String name) {
        var files = new ArrayList<Path>();
        edit(
                name,
                records -> records.stream()
                        .map(record -> record.at("/inputs/image/url").textValue())
                        .map(MiniRoot::place)
                        .distinct()
                        .map(root::resolve)
                        .forEach(files::add));
        return files;
    }

    private static String place(String url) {
        int vcr = url.indexOf("vcr1images/"), vg = url.indexOf("VG_100K");
        return vcr >= 0 ? url.substring(vcr) : "vg/images/" + url.substring(vg);
    }
}
