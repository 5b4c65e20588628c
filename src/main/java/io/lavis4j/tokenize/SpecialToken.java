package io.lavis4j.tokenize;

import java.util.Locale;

/** The roles that a token can have besides being text. */
public enum SpecialToken {
    BOS,
    EOS,
    UNK,
    SEP,
    PAD,
    CLS,
    MASK;

    /** The role's name in hub files, such as {@code bos_token}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT) + "_token";
    }
}
