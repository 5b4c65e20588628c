package io.lavis4j.metric.meteor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.ProviderNotFoundException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** METEOR's English word lists and tables, read from the user's copy of METEOR 1.5. */
final class MeteorData {

    private static final String JAR = "meteor-1.5.jar";
    private static final String PARAPHRASES = "paraphrase-en.gz";

    private final Set<String> functionWords;
    private final MeteorNormalizer normalizer;
    private final @Nullable WordNet wordNet;
    private final @Nullable ParaphraseFile paraphrases;

    private MeteorData(Path files, Path folder, MeteorVariant variant) throws IOException {
        functionWords = Set.copyOf(lines(files, "function/english.words"));
        normalizer = new MeteorNormalizer(MeteorNormalizer.prefixes(lines(files, "nonbreaking/english.prefixes")));
        wordNet = variant.uses(MeteorModule.SYNONYM)
                ? WordNet.of(lines(files, "synonym/english.synsets"), lines(files, "synonym/english.exceptions"))
                : null;
        paraphrases = variant.uses(MeteorModule.PARAPHRASE) ? paraphrases(folder) : null;
    }

    /**
     * Reads what a variant needs.
     *
     * @param path {@code meteor-1.5.jar}, or a folder with it or with what it contains; the paraphrase table is looked
     *     for beside the jar, in the folder, and in its subfolder {@code data}
     * @throws IllegalArgumentException if something is missing, saying what and where to get it
     */
    static MeteorData open(Path path, MeteorVariant variant) {
        var jar = Files.isDirectory(path) ? path.resolve(JAR) : path;
        var folder = Files.isDirectory(path) ? path : path.resolveSibling("");
        try {
            if (!Files.isRegularFile(jar)) {
                if (!Files.isDirectory(path)) {
                    throw missing(path.toString());
                }
                return new MeteorData(path, folder, variant);
            }
            try (var inside = FileSystems.newFileSystem(jar)) {
                return new MeteorData(inside.getPath("/"), folder, variant);
            }
        } catch (ProviderNotFoundException e) {
            throw new IllegalArgumentException(
                    "METEOR data: %s is not a jar; expected %s, or a folder with it".formatted(jar, JAR), e);
        } catch (IOException e) {
            throw new UncheckedIOException("METEOR data in %s cannot be read (%s)".formatted(path, e), e);
        }
    }

    private static IllegalArgumentException missing(String what) {
        return new IllegalArgumentException(
                "METEOR needs %s, which is not there. Its data come with pycocoevalcap: install that from PyPI (pip install pycocoevalcap) and name its folder meteor, which holds %s and data/%s"
                        .formatted(what, JAR, PARAPHRASES));
    }

    private static List<String> lines(Path files, String name) throws IOException {
        var file = files.resolve(name);
        if (!Files.isRegularFile(file)) {
            throw missing(file.toString());
        }
        return Files.readAllLines(file, StandardCharsets.UTF_8);
    }

    private static ParaphraseFile paraphrases(Path folder) throws IOException {
        for (var file : List.of(folder.resolve("data").resolve(PARAPHRASES), folder.resolve(PARAPHRASES))) {
            if (Files.isRegularFile(file)) {
                return new ParaphraseFile(file);
            }
        }
        throw missing(folder.resolve("data").resolve(PARAPHRASES).toString());
    }

    boolean isFunctionWord(String word) {
        return functionWords.contains(word);
    }

    MeteorNormalizer normalizer() {
        return normalizer;
    }

    int[] synsets(String word) {
        return wordNet == null ? new int[0] : wordNet.synsets(word);
    }

    /** {@code null} if the variant uses none. */
    @Nullable
    ParaphraseFile paraphrases() {
        return paraphrases;
    }
}
