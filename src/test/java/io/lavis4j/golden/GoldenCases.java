package io.lavis4j.golden;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Finds reference cases under the system property {@code golden.root}.
 *
 * <p>A kind is the name of a folder; further cases of the kind carry the same name followed by {@code @} and any
 * suffix.
 */
public final class GoldenCases {

    private GoldenCases() {}

    /** The folder that holds all cases; by default the copy in the test resources. */
    public static Path root() {
        return Path.of(System.getProperty("golden.root", "src/test/resources/golden"));
    }

    /**
     * All cases of one kind, the plain one first.
     *
     * @throws AssertionError if there is none: a parity test never passes for lack of a reference
     */
    public static List<Path> of(String kind) {
        return in(root(), kind);
    }

    /** All cases of one kind inside {@code folder}, the plain one first. */
    public static List<Path> in(Path folder, String kind) {
        if (!Files.isDirectory(folder)) {
            throw new AssertionError("golden.root: no folder " + folder.toAbsolutePath());
        }
        try (var entries = Files.list(folder)) {
            var cases = entries.filter(Files::isDirectory)
                    .filter(p -> isOfKind(p.getFileName().toString(), kind))
                    .sorted()
                    .toList();
            if (cases.isEmpty()) {
                throw new AssertionError("no case " + kind + " under " + folder.toAbsolutePath());
            }
            return cases;
        } catch (IOException e) {
            throw new UncheckedIOException(folder.toString(), e);
        }
    }

    /**
     * The folder of another kind that belongs to {@code goldenCase}: the one with the same suffix if it is there, else
     * the plain one.
     */
    public static Path sibling(Path goldenCase, String kind) {
        String name = goldenCase.getFileName().toString();
        int at = name.indexOf('@');
        if (at >= 0) {
            Path same = goldenCase.resolveSibling(kind + name.substring(at));
            if (Files.isDirectory(same)) {
                return same;
            }
        }
        Path plain = goldenCase.resolveSibling(kind);
        if (!Files.isDirectory(plain)) {
            throw new AssertionError(name + " needs the case " + kind + " beside it, which is missing");
        }
        return plain;
    }

    private static boolean isOfKind(String name, String kind) {
        return name.equals(kind) || name.startsWith(kind + "@");
    }
}
