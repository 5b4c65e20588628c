package io.lavis4j.config;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The names that a configuration can have, LAVIS's registry: this library's own entries and those of every jar on the
 * class path.
 *
 * @param <T> an entry
 */
public final class Registry<T> {

    private final String kind;
    private final Map<String, T> entries;

    private Registry(String kind, Map<String, T> entries) {
        this.kind = kind;
        this.entries = entries;
    }

    /**
     * The entries of all providers, which a jar names in {@code META-INF/services} (see {@link ServiceLoader}), in the
     * order of the class path.
     *
     * @param kind of entry, for messages: {@code data set}
     * @param name of an entry
     * @throws IllegalStateException if two entries have the same name, or a provider cannot be made
     */
    public static <T> Registry<T> of(
            String kind, Class<? extends Supplier<? extends Collection<T>>> providers, Function<T, String> name) {
        var entries = new LinkedHashMap<String, T>();
        var owners = new LinkedHashMap<String, Class<?>>();
        try {
            for (var provider : ServiceLoader.load(providers, loader())) {
                for (T entry : provider.get()) {
                    String key = name.apply(entry);
                    var other = owners.putIfAbsent(key, provider.getClass());
                    if (other != null) {
                        throw new IllegalStateException("%s and %s both provide the %s \"%s\"; take one of the jars out"
                                .formatted(other.getName(), provider.getClass().getName(), kind, key));
                    }
                    entries.put(key, entry);
                }
            }
        } catch (ServiceConfigurationError e) {
            throw new IllegalStateException(
                    "a jar on the class path has a broken provider of a %s: %s".formatted(kind, e.getMessage()), e);
        }
        return new Registry<>(kind, entries);
    }

    /** The thread's loader where it sees this very library, as it then sees the user's jars too; else the library's. */
    static ClassLoader loader() {
        var context = Thread.currentThread().getContextClassLoader();
        var own = Registry.class.getClassLoader();
        try {
            return context != null && context.loadClass(Registry.class.getName()) == Registry.class ? context : own;
        } catch (ClassNotFoundException e) {
            return own;
        }
    }

    /** The entries in order. */
    public Collection<T> entries() {
        return entries.values();
    }

    /**
     * The entry that a key of a section names.
     *
     * @return {@code null} if there is none, which is noted in the section with the nearest name and all that there are
     */
    public @Nullable T read(Section section, String key) {
        String name = section.name(key, entries.keySet());
        return section.has(key) ? noted(section, key, name) : null;
    }

    /** The same with a name for where the key is absent. */
    public @Nullable T read(Section section, String key, String otherwise) {
        return noted(section, key, section.string(key, otherwise));
    }

    private @Nullable T noted(Section section, String key, String name) {
        T entry = entries.get(name);
        if (entry == null) {
            section.problem(
                    key,
                    "is \"%s\", which is unknown; %s".formatted(name, Nearest.adviceAndList(name, entries.keySet())));
        }
        return entry;
    }

    /**
     * The entry of a name.
     *
     * @throws IllegalArgumentException if there is none; the message has the nearest name and all that there are
     */
    public T get(String name) {
        T entry = entries.get(name);
        if (entry == null) {
            throw new IllegalArgumentException("\"%s\" is not a known %s; %s"
                    .formatted(name, kind, Nearest.adviceAndList(name, entries.keySet())));
        }
        return entry;
    }
}
