package io.lavis4j.download;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The names in an archive as they are checked, one after the other, before anything is written: none leaves the folder
 * that it is unpacked into, none is a link or device, none comes twice, and all of it is not much larger than the
 * archive.
 */
final class ArchiveContents {

    private static final Pattern DRIVE = Pattern.compile("[A-Za-z]:.*");
    private static final int MOST_ENTRIES = 10_000_000;

    /** Images are compressed hardly at all, JSON thirtyfold. */
    private static final long LARGEST_RATIO = 200;

    private final long most;
    private final Map<String, String> names = new HashMap<>();
    private long bytes;

    /** @param archiveSize in bytes */
    ArchiveContents(long archiveSize) {
        most = archiveSize * LARGEST_RATIO;
    }

    /** All files together, unpacked. */
    long bytes() {
        return bytes;
    }

    /**
     * The path of a file below the folder, with slashes.
     *
     * @return {@code null} for a folder, and for what macOS adds
     * @throws RefusedException if it is not to be unpacked
     */
    @Nullable
    String add(Archive.Entry entry) throws RefusedException {
        String name = path(entry.name());
        if (name.isEmpty() || name.startsWith("__MACOSX/") || name.endsWith("/.DS_Store")) {
            return null;
        }
        switch (entry.kind()) {
            case LINK -> throw refused(entry, "is a link");
            case OTHER -> throw refused(entry, "is a device, a pipe or encrypted");
            case FOLDER -> {
                addFolders(name + "/", entry);
                return null;
            }
            case FILE -> {
                addFolders(name, entry);
                addName(name, entry);
                addBytes(entry);
            }
        }
        return name;
    }

    private void addBytes(Archive.Entry entry) throws RefusedException {
        if (entry.size() < 0 || entry.size() > most - bytes) {
            throw refused(
                    entry,
                    "would make it more than %d times as large as the archive (%s)"
                            .formatted(LARGEST_RATIO, Units.bytes(most)));
        }
        bytes += entry.size();
    }

    private static String path(String name) throws RefusedException {
        var entry = new Archive.Entry(name, Archive.Kind.OTHER, 0, 0);
        if (name.startsWith("/") || DRIVE.matcher(name).matches()) {
            throw refused(entry, "is an absolute name");
        }
        if (name.indexOf('\\') >= 0 || name.chars().anyMatch(Character::isISOControl)) {
            throw refused(entry, "has a backslash or a control character in its name");
        }
        var path = new StringBuilder();
        for (String part : name.split("/", -1)) {
            if (part.equals("..")) {
                throw refused(entry, "leaves the folder that it is unpacked into");
            }
            if (!part.isEmpty() && !part.equals(".")) {
                path.append(path.isEmpty() ? "" : "/").append(part);
            }
        }
        return path.toString();
    }

    /** The folders above a file, each of which may come as often as it wants. */
    private void addFolders(String name, Archive.Entry entry) throws RefusedException {
        for (int slash = name.indexOf('/'); slash > 0; slash = name.indexOf('/', slash + 1)) {
            String folder = name.substring(0, slash) + "/";
            String other = names.putIfAbsent(key(folder), folder);
            if (other != null && !other.equals(folder)) {
                throw clash(entry, other);
            }
        }
    }

    private void addName(String name, Archive.Entry entry) throws RefusedException {
        String other = names.putIfAbsent(key(name), name);
        if (other != null) {
            throw clash(entry, other);
        }
        if (names.size() > MOST_ENTRIES) {
            throw refused(entry, "is one of more than %d entries".formatted(MOST_ENTRIES));
        }
    }

    /** One for a file and a folder of the same name, and for names that differ only in case. */
    private static String key(String name) {
        return name.replaceFirst("/$", "").toLowerCase(Locale.ROOT);
    }

    private static RefusedException clash(Archive.Entry entry, String other) {
        return refused(entry, "has the name of another entry, %s, or one that differs only in case".formatted(other));
    }

    private static RefusedException refused(Archive.Entry entry, String why) {
        return new RefusedException("entry \"%s\" %s".formatted(entry.name(), why));
    }
}
