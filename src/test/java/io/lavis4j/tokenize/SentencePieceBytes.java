package io.lavis4j.tokenize;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;

/** Writes SentencePiece models for tests: protobuf fields one after the other. */
final class SentencePieceBytes {

    private static final int NORMAL = 1;
    private static final int UNKNOWN = 2;
    static final int CONTROL = 3;
    static final int USER_DEFINED = 4;
    static final int BYTE = 6;
    static final int UNIGRAM = 1;
    static final int BPE = 2;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** LLaMA's three special tokens, its 256 bytes, then {@code pieces} with scores 0, -1, -2, … */
    static SentencePieceBytes llama(String... pieces) {
        var model = new SentencePieceBytes()
                .piece("<unk>", 0, UNKNOWN)
                .piece("<s>", 0, CONTROL)
                .piece("</s>", 0, CONTROL);
        IntStream.range(0, 256).forEach(b -> model.piece("<0x%02X>".formatted(b), 0, BYTE));
        return model.pieces(0, pieces);
    }

    /** The settings that every LLaMA has: bytes for unknown characters, all spaces kept. */
    SentencePieceBytes llamaSettings() {
        return message(2, new SentencePieceBytes().number(3, BPE).number(35, 1))
                .message(3, new SentencePieceBytes().number(4, 0));
    }

    /** T5's three special tokens, then {@code pieces} with scores -1, -2, -3, …, then its settings. */
    static SentencePieceBytes t5(String... pieces) {
        return new SentencePieceBytes()
                .piece("<pad>", 0, CONTROL)
                .piece("</s>", 0, CONTROL)
                .piece("<unk>", 0, UNKNOWN)
                .pieces(-1, pieces)
                .message(2, new SentencePieceBytes().number(3, UNIGRAM));
    }

    private SentencePieceBytes pieces(int firstScore, String... pieces) {
        IntStream.range(0, pieces.length).forEach(i -> piece(pieces[i], firstScore - i, NORMAL));
        return this;
    }

    SentencePieceBytes piece(String text, float score) {
        return piece(text, score, NORMAL);
    }

    SentencePieceBytes piece(String text, float score, int kind) {
        var piece = new SentencePieceBytes().bytes(1, text.getBytes(StandardCharsets.UTF_8));
        piece.varint((2 << 3) | 5);
        piece.out.writeBytes(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(score)
                .array());
        return message(1, piece.number(3, kind));
    }

    SentencePieceBytes number(int field, long value) {
        varint((long) field << 3);
        varint(value);
        return this;
    }

    SentencePieceBytes message(int field, SentencePieceBytes message) {
        return bytes(field, message.toBytes());
    }

    SentencePieceBytes bytes(int field, byte[] content) {
        varint(((long) field << 3) | 2);
        varint(content.length);
        out.writeBytes(content);
        return this;
    }

    SentencePieceBytes raw(int... bytes) {
        IntStream.of(bytes).forEach(out::write);
        return this;
    }

    byte[] toBytes() {
        return out.toByteArray();
    }

    private void varint(long value) {
        long rest = value;
        for (; (rest & ~0x7FL) != 0; rest >>>= 7) {
            out.write((int) ((rest & 0x7F) | 0x80));
        }
        out.write((int) rest);
    }
}
