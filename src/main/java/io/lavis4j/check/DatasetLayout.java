package io.lavis4j.check;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is there of a data set of the catalog. Paths are relative to the root, those of folders end with a slash.
 *
 * @param name in the catalog
 * @param title what it is
 * @param there its files and folders that are there
 * @param missing those that are not
 * @param remedy the command that brings them, and what a person has to do before
 * @param terms of use
 */
public record DatasetLayout(
        String name, String title, List<String> there, List<String> missing, List<String> remedy, String terms) {

    public DatasetLayout {
        there = List.copyOf(there);
        missing = List.copyOf(missing);
        remedy = List.copyOf(remedy);
    }

    /** {@code complete}, {@code partly} or {@code absent}. */
    public String state() {
        return missing.isEmpty() ? "complete" : there.isEmpty() ? "absent" : "partly";
    }

    /** In order: name, title, state, there, missing, remedy, terms. */
    Map<String, Object> asMap() {
        var map = new LinkedHashMap<String, Object>();
        map.put("name", name);
        map.put("title", title);
        map.put("state", state());
        map.put("there", there);
        map.put("missing", missing);
        map.put("remedy", remedy);
        map.put("terms", terms);
        return map;
    }
}
