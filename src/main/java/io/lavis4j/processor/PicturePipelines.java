package io.lavis4j.processor;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which pipeline this machine can run. */
public final class PicturePipelines {

    private static final Logger LOG = LoggerFactory.getLogger(PicturePipelines.class);

    private PicturePipelines() {}

    /** Whether the native library is in the process; asked once. */
    private static final class Native {

        static final boolean LOADED = load();

        private static boolean load() {
            try {
                NativePictures.load();
                return true;
            } catch (UnsatisfiedLinkError e) {
                LOG.warn(
                        "the native picture library cannot be loaded ({}); pictures are read in plain Java, which gives the same"
                                + " pixels several times slower",
                        e.getMessage());
                return false;
            }
        }
    }

    /**
     * The native pipeline or, where its library cannot be loaded, the one in plain Java; both give the same numbers.
     */
    public static PicturePipeline best() {
        return Native.LOADED ? new NativePicturePipeline() : new JavaPicturePipeline();
    }
}
