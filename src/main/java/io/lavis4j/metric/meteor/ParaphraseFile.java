package io.lavis4j.metric.meteor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** METEOR's paraphrase table, gzipped; read anew for each corpus, of which little of it is needed. */
final class ParaphraseFile {

    /** Words of the longest phrase that is expected; of the English table it is 7. */
    private static final int LONGEST = 8;

    private final Path file;

    /** @throws IOException if the file cannot be read or is not gzipped */
    ParaphraseFile(Path file) throws IOException {
        this.file = file;
        try (var in = unzipped()) {
            in.read();
        }
    }

    private GZIPInputStream unzipped() throws IOException {
        return new GZIPInputStream(Files.newInputStream(file), 1 << 16);
    }

    /** Begins to unpack. */
    ReadAheadInput unpack() {
        try {
            return new ReadAheadInput(unzipped());
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /**
     * The entries that texts need.
     *
     * @param unpacked from the beginning
     */
    ParaphraseTable table(ReadAheadInput unpacked, List<List<MeteorMatcher.Word>> texts) {
        try {
            var table = ParaphraseTable.read(unpacked, PhraseFilter.of(texts, LONGEST));
            if (table.longestSeen() > LONGEST) {
                try (var again = unpack()) {
                    table = ParaphraseTable.read(again, PhraseFilter.of(texts, table.longestSeen()));
                }
            }
            return table;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private UncheckedIOException failed(IOException e) {
        return new UncheckedIOException("METEOR data in %s: %s".formatted(file, e.getMessage()), e);
    }
}
