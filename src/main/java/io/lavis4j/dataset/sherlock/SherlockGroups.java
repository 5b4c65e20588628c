package io.lavis4j.dataset.sherlock;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The keys that scores on Sherlock are broken down by; the names in lower case are the keys. */
public enum SherlockGroups {
    /** {@code 1} possible, {@code 2} likely, {@code 3} certain, or {@code unknown}. */
    CONFIDENCE {
        @Override
        public String of(SherlockRecord record) {
            Double confidence = record.confidence();
            if (confidence == null) {
                return "unknown";
            }
            return confidence == Math.rint(confidence)
                    ? String.valueOf(Math.round(confidence))
                    : String.valueOf(confidence);
        }
    },

    /** The source of the image: {@code VCR} or {@code VG}. */
    SOURCE {
        @Override
        public String of(SherlockRecord record) {
            return SherlockPaths.isVcr(record.url()) ? "VCR" : "VG";
        }
    },

    /** How many regions: {@code 1}, {@code 2}, {@code 3} or {@code 4+}. */
    BOXES {
        @Override
        public String of(SherlockRecord record) {
            int boxes = record.boxes().size();
            return boxes < MANY ? String.valueOf(boxes) : MANY + "+";
        }
    };

    private static final int MANY = 4;

    /** The group that a record belongs to. */
    public abstract String of(SherlockRecord record);

    /** {@code confidence}, {@code source}, {@code boxes}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** A record's group by every key, in the order of the keys. */
    static Map<String, String> all(SherlockRecord record) {
        var groups = new LinkedHashMap<String, String>();
        for (var groupsBy : values()) {
            groups.put(groupsBy.key(), groupsBy.of(record));
        }
        return Collections.unmodifiableMap(groups);
    }
}
