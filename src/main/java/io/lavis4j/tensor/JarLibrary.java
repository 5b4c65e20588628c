package io.lavis4j.tensor;

import java.io.File;
import java.io.IOException;
import org.bytedeco.javacpp.Loader;

/** Libraries that lie in jars, taken out of them into JavaCPP's cache for the dynamic linker. */
public final class JarLibrary {

    private JarLibrary() {}

    /**
     * The library as a file.
     *
     * @param pattern name of the resource from the root on, with {@code %s} for the platform
     * @throws UnsatisfiedLinkError if there is none for this platform, or it cannot be written
     */
    public static File extract(String pattern) {
        var resource = pattern.formatted(Loader.getPlatform());
        try {
            var file = Loader.cacheResource(JarLibrary.class, resource);
            if (file == null) {
                throw new UnsatisfiedLinkError("expected the resource %s, got none".formatted(resource));
            }
            return file;
        } catch (IOException e) {
            var error = new UnsatisfiedLinkError("cannot extract %s: %s".formatted(resource, e.getMessage()));
            error.initCause(e);
            throw error;
        }
    }
}
