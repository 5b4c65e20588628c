package io.lavis4j.download;

import java.nio.file.Path;

/** Hears how transfers get on; several threads call it. */
public interface TransferListener {

    /** Size of a file of which it is not known. */
    long UNKNOWN = -1;

    /**
     * A file has grown, or begins again.
     *
     * @param position bytes that are there
     * @param size all bytes, or {@link #UNKNOWN}
     */
    void at(Path target, long position, long size);

    /** An event that a person may want to know of, as a pause and its reason. */
    void note(String event);

    /** Hears nothing. */
    static TransferListener silent() {
        return new TransferListener() {
            @Override
            public void at(Path target, long position, long size) {}

            @Override
            public void note(String event) {}
        };
    }
}
