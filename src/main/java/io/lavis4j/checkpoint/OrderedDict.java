package io.lavis4j.checkpoint;

import java.util.LinkedHashMap;

/** A map that is Python's {@code collections.OrderedDict} in a file; any other map is a plain {@code dict}. */
public final class OrderedDict<K, V> extends LinkedHashMap<K, V> {}
