package io.lavis4j.doctor;

import io.lavis4j.features.FeatureCacheConfig;
import io.lavis4j.runner.JobConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;

/**
 * Folders that are written to, and the room in them.
 *
 * @param job whose output folder is meant; {@code null} for the working directory
 */
record FolderCheck(@Nullable JobConfig job) {

    private static final String CACHE = "org.bytedeco.javacpp.cachedir";
    private static final long FOR_LIBRARIES = 500L << 20;
    private static final long FOR_TEMPORARIES = 100L << 20;
    private static final long FOR_CHECKPOINTS = 5L << 30;

    List<Finding> findings() {
        var findings = new ArrayList<Finding>();
        findings.add(cache());
        findings.add(folder("temporary files", Path.of(System.getProperty("java.io.tmpdir")), FOR_TEMPORARIES, true));
        findings.add(
                job == null
                        ? folder("output", Path.of("output"), FOR_CHECKPOINTS, false)
                        : folder("output", job.run().outputDir(), FOR_CHECKPOINTS, true));
        if (job != null && job.run().featureCache().place() == FeatureCacheConfig.Place.DISK) {
            var folder = job.run().featureCache().folder(job.run().outputDir());
            findings.add(folder("vision features", folder, 0, true)); // training says how much they take
        }
        return findings;
    }

    /** Where native libraries are taken out of jars: the first place that JavaCPP can write to. */
    private static Finding cache() {
        String asked = System.getProperty(CACHE);
        try {
            var used = Loader.getCacheDir().toPath().toAbsolutePath().normalize();
            if (asked != null && !used.equals(Path.of(asked).toAbsolutePath().normalize())) {
                return Finding.note(
                        "cache of libraries",
                        "%s, as %s cannot be written".formatted(used, asked),
                        "correct %s or the rights of that folder".formatted(CACHE));
            }
            return folder("cache of libraries", used, FOR_LIBRARIES, true);
        } catch (IOException e) {
            return Finding.fault(
                    "cache of libraries",
                    String.valueOf(e.getMessage()),
                    "set -D%s=FOLDER to one that can be written".formatted(CACHE));
        }
    }

    /**
     * A folder, there or to be made.
     *
     * @param enough bytes for it
     * @param needed whether it is a fault if nothing can be written
     */
    static Finding folder(String what, Path folder, long enough, boolean needed) {
        var there = folder.toAbsolutePath().normalize();
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        if (!Files.isDirectory(there) || !Files.isWritable(there)) {
            String value = Files.isDirectory(there)
                    ? "%s: nothing can be written in %s".formatted(folder, there)
                    : "%s: %s is a file".formatted(folder, there);
            String advice = "take another folder, or change the rights of this one";
            return needed ? Finding.fault(what, value, advice) : Finding.note(what, value, advice);
        }
        try {
            long free = Files.getFileStore(there).getUsableSpace();
            String value = "%s, %d MiB free".formatted(folder.toAbsolutePath().normalize(), free >> 20);
            return free >= enough
                    ? Finding.ok(what, value)
                    : Finding.note(what, value, "make room: %d MiB are usual here".formatted(enough >> 20));
        } catch (IOException e) {
            return Finding.note(
                    what, "%s: %s".formatted(folder, e.getMessage()), "see whether the file system is sound");
        }
    }
}
