package io.lavis4j.download;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file or folder that somebody wants, and what there is to do about it.
 *
 * @param of the data set or model
 * @param provides what will be there, for people: paths below the root, or the name of a file
 * @param state what there is to do
 * @param from its address; where there is none, what a person has to do
 * @param to the file that is fetched or unpacked, or the place where all is already
 * @param size in bytes; {@code null} if not known
 * @param here bytes of it that are here already
 */
public record PlannedFile(
        String of,
        List<String> provides,
        State state,
        String from,
        Path to,
        @Nullable Long size,
        long here) {

    /** What there is to do. */
    public enum State {
        /** Nothing. */
        THERE,
        FETCH,
        /** The archive is here. */
        UNPACK,
        BY_HAND,
        /** Whoever knows could not be asked. */
        UNKNOWN
    }

    public PlannedFile {
        provides = List.copyOf(provides);
    }

    /** Whether it cannot be had without a network or a person. */
    public boolean isMissing() {
        return state != State.THERE && state != State.UNPACK;
    }

    PlannedFile withSize(@Nullable Long other) {
        return new PlannedFile(of, provides, state, from, to, other, here);
    }
}
