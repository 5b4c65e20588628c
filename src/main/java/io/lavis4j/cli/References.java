package io.lavis4j.cli;

import com.fasterxml.jackson.core.JsonToken;
import io.lavis4j.dataset.OnBroken;
import io.lavis4j.dataset.sherlock.SherlockAnnotations;
import io.lavis4j.dataset.sherlock.SherlockGroups;
import io.lavis4j.io.JsonStream;
import io.lavis4j.metric.CaptionFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * References of captions by id, and the groups that ids belong to: of a caption file, or of Sherlock's annotations.
 *
 * @param texts references by id
 * @param groups id to group, by the key that scores are broken down by; empty if the file is not one of Sherlock's
 */
record References(Map<String, List<String>> texts, Map<SherlockGroups, Map<String, String>> groups) {

    /** Reads a file; one of Sherlock is told by its first record's {@code instance_id} and {@code targets}. */
    static References read(Path file, String idKey, String captionKey) {
        if (!isSherlock(file)) {
            return new References(CaptionFile.read(file, idKey, captionKey).references(), Map.of());
        }
        var texts = new LinkedHashMap<String, List<String>>();
        var groups = new EnumMap<SherlockGroups, Map<String, String>>(SherlockGroups.class);
        for (var record : SherlockAnnotations.read(file, OnBroken.FAIL).records()) {
            texts.put(record.instanceId(), List.of(record.inference()));
            for (var by : SherlockGroups.values()) {
                groups.computeIfAbsent(by, key -> new HashMap<>()).put(record.instanceId(), by.of(record));
            }
        }
        return new References(texts, groups);
    }

    /** A file that cannot be read here is reported by the reader of caption files. */
    private static boolean isSherlock(Path file) {
        try (var parser = JsonStream.parser(file)) {
            if (parser.nextToken() != JsonToken.START_ARRAY || parser.nextToken() != JsonToken.START_OBJECT) {
                return false;
            }
            boolean instance = false, targets = false;
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                instance |= parser.currentName().equals("instance_id");
                targets |= parser.currentName().equals("targets") && parser.nextToken() == JsonToken.START_OBJECT;
                if (parser.currentToken() == JsonToken.FIELD_NAME) {
                    parser.nextToken();
                }
                parser.skipChildren();
            }
            return instance && targets;
        } catch (IOException e) {
            return false;
        }
    }
}
