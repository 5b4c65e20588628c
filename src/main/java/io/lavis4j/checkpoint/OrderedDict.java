package io.lavis4j.checkpoint;

import java.util.LinkedHashMap;
import java.util.Map;

/** A map that is Python's {@code collections.OrderedDict} in a file; any other map is a plain {@code dict}. */
public final class OrderedDict<K, V> extends LinkedHashMap<K, V> {

    /** Starts empty. */
    public OrderedDict() {}

    /** Copies a map in its iteration order. */
    public OrderedDict(Map<? extends K, ? extends V> entries) {
        super(entries);
    }
}
