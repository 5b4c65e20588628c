package io.lavis4j.caption;

import java.io.FileNotFoundException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a folder or tar file has besides images: how much, and the first few names. */
final class PassedOver {

    private static final Logger LOG = LoggerFactory.getLogger(PassedOver.class);
    private static final int NAMED = 20;

    private final String where;
    private final List<String> first = new ArrayList<>();
    private long others;
    private boolean images;

    PassedOver(String where) {
        this.where = where;
    }

    void image() {
        images = true;
    }

    void other(String name) {
        if (first.size() < NAMED) {
            first.add(name);
        }
        others++;
    }

    /**
     * Names them in the log.
     *
     * @throws UncheckedIOException if there was no image
     */
    void end() {
        String names = String.join(", ", first) + (others > first.size() ? ", ..." : "");
        if (!images) {
            String what = others == 0
                    ? "%s: no file in it; expected images".formatted(where)
                    : "%s: no image in it, but %d others: %s".formatted(where, others, names);
            throw new UncheckedIOException(what, new FileNotFoundException(where));
        }
        if (others > 0) {
            LOG.warn("{}: {} files passed over, as they are not images that are read: {}", where, others, names);
        }
    }
}
