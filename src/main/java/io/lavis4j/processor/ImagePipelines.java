package io.lavis4j.processor;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which pipeline this machine can run. */
public final class ImagePipelines {

    private static final Logger LOG = LoggerFactory.getLogger(ImagePipelines.class);

    private ImagePipelines() {}

    /** Whether the native library is in the process; asked once. */
    private static final class Native {

        static final boolean LOADED = load();

        private static boolean load() {
            try {
                ImageLibrary.load();
                return true;
            } catch (UnsatisfiedLinkError e) {
                LOG.warn(
                        "the native image library cannot be loaded ({}); images are read in plain Java, which is several times"
                                + " slower, refuses WebP and may give other pixels for damaged or rare JPEG files",
                        e.getMessage());
                return false;
            }
        }
    }

    /** Whether native code reads images here. */
    static boolean isNative() {
        return Native.LOADED;
    }

    /**
     * The native pipeline or, where its library cannot be loaded, the one in plain Java; both give the same numbers,
     * but for WebP and rare JPEG files.
     */
    public static ImagePipeline best() {
        return isNative() ? new NativeImagePipeline() : new JavaImagePipeline();
    }
}
