package io.lavis4j.metric.sherlock;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.zip.ZipFile;

/**
 * Where the predictions of several tasks lie.
 *
 * @param path a folder, or a submission's zip file
 */
record PredictionSource(Path path) {

    /** Reads the predictions of one task or split. */
    Predictions read(String name, Collection<String> testIds) {
        if (Files.isDirectory(path)) {
            for (String extension : List.of(Submission.EXTENSION, ".json")) {
                var file = path.resolve(name + extension);
                if (Files.exists(file)) {
                    return Predictions.read(file, testIds);
                }
            }
            throw new IllegalArgumentException(
                    "%s: no %s.npy or %s.json in this folder, for which there is an answer key"
                            .formatted(path, name, name));
        }
        String entryName = Submission.FOLDER + name + Submission.EXTENSION;
        try (var zip = new ZipFile(path.toFile())) {
            var entry = zip.getEntry(entryName);
            if (entry == null) {
                throw new IllegalArgumentException(
                        "%s: no %s in it, for which there is an answer key".formatted(path, entryName));
            }
            try (var in = zip.getInputStream(entry)) {
                return Predictions.parse("%s: %s".formatted(path, entryName), in.readAllBytes(), testIds);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "%s: expected a folder of predictions or a submission's zip file (%s)".formatted(path, e), e);
        }
    }
}
