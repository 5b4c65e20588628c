package io.lavis4j.io;

import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;
import org.jspecify.annotations.Nullable;

/** Escapes surrogates, as half a pair has no bytes in UTF-8. */
final class SurrogateEscapes extends CharacterEscapes {

    private static final long serialVersionUID = 1;

    @Override
    public int[] getEscapeCodesForAscii() {
        return standardAsciiEscapesForJSON();
    }

    @Override
    public @Nullable SerializableString getEscapeSequence(int character) {
        return character <= Character.MAX_VALUE && Character.isSurrogate((char) character)
                ? new SerializedString("\\u%04x".formatted(character))
                : null;
    }
}
