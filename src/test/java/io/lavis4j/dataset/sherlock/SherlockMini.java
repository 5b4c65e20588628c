package io.lavis4j.dataset.sherlock;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;

/** The small corpus in Sherlock's format among the test resources. */
final class SherlockMini {

    static final Path ROOT = root();
    static final Path TRAIN = ROOT.resolve("sherlock_dataset/sherlock_train_v1_1.json");
    static final Path VAL = ROOT.resolve("sherlock_dataset/sherlock_val_with_split_idxs_v1_1.json");

    private SherlockMini() {}

    private static Path root() {
        try {
            return Path.of(Objects.requireNonNull(SherlockMini.class.getResource("/sherlock_mini"))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
