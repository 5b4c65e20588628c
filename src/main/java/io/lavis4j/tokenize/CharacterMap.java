package io.lavis4j.tokenize;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.BitSet;

/**
 * The check of a precompiled map, by which SentencePiece replaces characters: the size of a trie in bytes, the trie as
 * a double array of little-endian words over UTF-8, and the texts that its leaves point to.
 *
 * <p>The native library ends the whole process where a map points outside itself. Here such a map is refused.
 */
final class CharacterMap {

    private static final int BLOCK = 0xFF;
    private static final int LABEL = 0x8000_00FF;
    private static final int VALUE = 0x7FFF_FFFF;
    private static final int HAS_LEAF = 1 << 8;
    private static final int WIDE = 1 << 9;

    private final ByteBuffer trie;
    private final byte[] texts;

    private CharacterMap(byte[] map) {
        var content = ByteBuffer.wrap(map).order(ByteOrder.LITTLE_ENDIAN);
        require(content.remaining() >= Integer.BYTES, "its size in bytes is", map.length);
        int size = content.getInt();
        require(
                size > 0 && size % Integer.BYTES == 0 && size <= content.remaining(),
                "the size of its trie in bytes is",
                size);
        trie = content.slice(Integer.BYTES, size).order(ByteOrder.LITTLE_ENDIAN);
        texts = new byte[content.remaining() - size];
        content.get(Integer.BYTES + size, texts);
    }

    /**
     * @param base64 as {@code tokenizer.json} has it
     * @param file that it is from
     * @throws IllegalArgumentException if the native library cannot work with it
     */
    static void check(JsonNode base64, Path file) {
        try {
            String text = base64.isTextual() ? base64.textValue() : "";
            var map = new CharacterMap(Base64.getDecoder().decode(text));
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(map.texts));
            map.walk();
        } catch (IllegalArgumentException | CharacterCodingException e) {
            String what = e instanceof CharacterCodingException ? "its texts are not UTF-8" : e.getMessage();
            throw new IllegalArgumentException(
                    "%s: expected a precompiled map of characters, got a damaged one (%s); fetch the tokenizer files of the checkpoint again"
                            .formatted(file, what),
                    e);
        }
    }

    /** Visits every node that some text leads to. */
    private void walk() {
        var seen = new BitSet();
        var open = new ArrayDeque<Integer>();
        open.push(inside(offset(word(0))));
        while (!open.isEmpty()) {
            int node = open.pop();
            for (int letter = 1; letter <= BLOCK; letter++) {
                int word = word(node ^ letter);
                if ((word & LABEL) != letter) {
                    continue;
                }
                int next = inside(node ^ letter ^ offset(word));
                if ((word & HAS_LEAF) != 0) {
                    checkText(word(next) & VALUE);
                }
                if (!seen.get(next)) {
                    seen.set(next);
                    open.push(next);
                }
            }
        }
    }

    /** A node whose words for all letters are there. */
    private int inside(int node) {
        require((node | BLOCK) < trie.capacity() / Integer.BYTES, "its trie leads outside, to word", node);
        return node;
    }

    private void checkText(int start) {
        boolean startsCharacter = start == texts.length || (start < texts.length && (texts[start] & 0xC0) != 0x80);
        require(startsCharacter, "its trie leads to no text, at byte", start);
    }

    private int word(int index) {
        return trie.getInt(index * Integer.BYTES);
    }

    private static int offset(int word) {
        return (word >>> 10) << ((word & WIDE) == 0 ? 0 : 8);
    }

    private static void require(boolean condition, String otherwise, int value) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise + " " + value);
        }
    }
}
