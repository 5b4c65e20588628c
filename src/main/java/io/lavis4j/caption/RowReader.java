package io.lavis4j.caption;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** The rows of a file that a process may have been killed over, one at a time. */
final class RowReader {

    private final InputStream in;
    private final boolean quotes;
    private long position;

    /** @param quotes whether a line break within quotes belongs to a value */
    RowReader(InputStream in, boolean quotes) {
        this.in = new BufferedInputStream(in);
        this.quotes = quotes;
    }

    /** Bytes up to the end of the last row that was whole. */
    long position() {
        return position;
    }

    /** The next row with its line break; {@code null} if there is no whole one. */
    byte @Nullable [] next() throws IOException {
        var row = new ByteArrayOutputStream();
        boolean inside = false;
        for (int next = in.read(); next >= 0; next = in.read()) {
            row.write(next);
            if (next == '"' && quotes) {
                inside = !inside; // one that is doubled does so twice
            } else if (next == '\n' && !inside) {
                position += row.size();
                return row.toByteArray();
            }
        }
        return null;
    }
}
