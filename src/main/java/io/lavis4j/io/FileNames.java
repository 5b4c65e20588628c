package io.lavis4j.io;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * Names of files from settings, data and the system. Java writes them in the encoding of the locale that it started in:
 * with {@code LC_ALL=C} that is ASCII, and other names come mangled from arguments and folders.
 */
public final class FileNames {

    private static final boolean UNICODE = isName("\u00e9\ud55c\ud83d\ude00");
    private static final int MANGLED = 0xFFFD;

    private FileNames() {}

    private static boolean isName(String name) {
        try {
            return Path.of(name).toString().equals(name);
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /**
     * The path of a name.
     *
     * @throws InvalidPathException if it cannot be one; the message has the name and what to do
     */
    public static Path path(String name) {
        requireReadable(name);
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            throw explained(e);
        }
    }

    /**
     * The path that a setting means: {@code ~/} at its beginning is the user's home.
     *
     * @throws InvalidPathException if it cannot be one, or begins with the home of another user
     */
    public static Path setting(String text) {
        if (text.equals("~") || text.startsWith("~/")) {
            return path(System.getProperty("user.home") + text.substring(1));
        }
        if (text.startsWith("~")) {
            throw new InvalidPathException(
                    text,
                    "the home of another user is not known here (write it out, or ./~ for a name that begins so)");
        }
        return path(text);
    }

    /**
     * Checks a text that came from the system: an argument, or a name in a folder.
     *
     * @throws InvalidPathException if it was mangled; the message has what to do
     */
    public static void requireReadable(String text) {
        if (!UNICODE && text.indexOf(MANGLED) >= 0) {
            throw foreign(text);
        }
    }

    /** The exception with what to do, where the locale is to blame; else itself. */
    public static InvalidPathException explained(InvalidPathException e) {
        boolean ascii = e.getInput().chars().allMatch(c -> c < 0x80);
        return UNICODE || ascii ? e : foreign(e.getInput());
    }

    private static InvalidPathException foreign(String text) {
        return new InvalidPathException(
                text,
                "the encoding of this locale, %s, does not have all characters of the following (set LC_ALL=C.UTF-8)"
                        .formatted(System.getProperty("sun.jnu.encoding")));
    }
}
