package io.lavis4j.tokenize;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A model file of SentencePiece (arXiv:1808.06226): the pieces, whose indices are their ids, and the settings that it
 * was trained with.
 *
 * <p>The file is protobuf. It is read without protobuf's library: of the format no more than {@link WireReader} is
 * needed.
 */
final class SentencePieceModel {

    /** The largest published models have 5 MB. */
    private static final int MAX_BYTES = 1 << 24;

    /** Trainers stop at 16 unless told otherwise. */
    private static final int MAX_PIECE_LENGTH = 256;

    /** How text is cut into pieces; numbered from 1 in the file. */
    enum Algorithm {
        UNIGRAM,
        BPE,
        WORD,
        CHAR
    }

    /** The part that a piece plays; numbered from 1 in the file. */
    enum Kind {
        NORMAL,
        UNKNOWN,
        CONTROL,
        USER_DEFINED,
        UNUSED,
        BYTE
    }

    /**
     * @param text with {@code ▁} for spaces
     * @param score log-probability for unigrams, minus the rank of the merge for BPE
     */
    record Piece(String text, float score, Kind kind) {}

    private final Path file;
    private final List<Piece> pieces = new ArrayList<>();
    private final Map<String, Integer> ids = new HashMap<>();
    private Algorithm algorithm = Algorithm.UNIGRAM;
    private boolean trained;
    private int declaredSize;
    private boolean byteFallback;
    private boolean spaceAfterWord;
    private byte[] characterMap = {};
    private boolean dummyPrefix = true;
    private boolean removesExtraSpaces = true;
    private boolean escapesSpaces = true;

    /**
     * Reads and checks a file.
     *
     * @throws UncheckedIOException if it cannot be read
     * @throws IllegalArgumentException if it is not a whole model of {@code algorithm}
     */
    SentencePieceModel(Path file, Algorithm algorithm) {
        this.file = file;
        var model = new WireReader(file, content(file));
        while (model.next()) {
            switch (model.field()) {
                case 1 -> readPiece(model.message());
                case 2 -> readTrainer(model.message());
                case 3 -> readNormalizer(model.message());
                default -> {} // the other fields say nothing about segmentation
            }
        }
        check(algorithm);
    }

    private static byte[] content(Path file) {
        try {
            long size = Files.size(file);
            if (size > MAX_BYTES) {
                throw new IllegalArgumentException(
                        "%s: expected a SentencePiece model of at most %d bytes, got %d; is this the model's weights?"
                                .formatted(file, MAX_BYTES, size));
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": expected a SentencePiece model that can be read", e);
        }
    }

    private void readPiece(WireReader message) {
        String text = "";
        float score = 0;
        Kind kind = Kind.NORMAL;
        while (message.next()) {
            switch (message.field()) {
                case 1 -> text = message.text();
                case 2 -> score = message.single();
                case 3 -> kind = named(Kind.values(), "a kind of piece", message.number());
                default -> {} // extensions
            }
        }
        int id = pieces.size();
        if (text.isEmpty() || text.length() > MAX_PIECE_LENGTH || !Float.isFinite(score)) {
            throw damaged("expected piece %d to have 1 to %d characters and a finite score, got %d characters, score %s"
                    .formatted(id, MAX_PIECE_LENGTH, text.length(), score));
        }
        Integer other = ids.put(text, id);
        if (other != null) {
            throw damaged(
                    "expected each piece once, got \"%s\" as piece %d and as piece %d".formatted(text, other, id));
        }
        pieces.add(new Piece(text, score, kind));
    }

    private void readTrainer(WireReader message) {
        trained = true;
        while (message.next()) {
            switch (message.field()) {
                case 3 -> algorithm = named(Algorithm.values(), "a type of model", message.number());
                case 4 -> declaredSize = message.number();
                case 24 -> spaceAfterWord = message.flag();
                case 35 -> byteFallback = message.flag();
                default -> {} // how it was trained
            }
        }
    }

    private void readNormalizer(WireReader message) {
        while (message.next()) {
            switch (message.field()) {
                case 2 -> characterMap = message.bytes();
                case 3 -> dummyPrefix = message.flag();
                case 4 -> removesExtraSpaces = message.flag();
                case 5 -> escapesSpaces = message.flag();
                default -> {} // names of what the map was made from
            }
        }
    }

    private <T> T named(T[] values, String what, int number) {
        if (number < 1 || number > values.length) {
            throw damaged("expected %s from 1 to %d, got %d".formatted(what, values.length, number));
        }
        return values[number - 1];
    }

    private void check(Algorithm expected) {
        if (pieces.isEmpty() || !trained || pieces.size() < declaredSize) {
            throw damaged("expected at least %d pieces and the trainer's settings, got %d pieces %s settings"
                    .formatted(Math.max(1, declaredSize), pieces.size(), trained ? "with" : "without"));
        }
        if (algorithm != expected) {
            throw new IllegalArgumentException(
                    "%s: expected a SentencePiece model of type %s, got %s of %d pieces; is this another model's tokenizer?"
                            .formatted(file, expected, algorithm, pieces.size()));
        }
        var unknown = ids(Kind.UNKNOWN);
        if (unknown.size() != 1) {
            throw damaged("expected one piece for unknown text, got " + unknown.size());
        }
        int bytes = ids(Kind.BYTE).size();
        if (byteFallback && bytes != 256) {
            throw damaged("expected 256 pieces for bytes, got " + bytes);
        }
    }

    private List<Integer> ids(Kind kind) {
        return IntStream.range(0, pieces.size())
                .filter(id -> pieces.get(id).kind() == kind)
                .boxed()
                .toList();
    }

    private IllegalArgumentException damaged(String what) {
        return new IllegalArgumentException(
                "%s is damaged or not a SentencePiece model: %s; copy it from the checkpoint again"
                        .formatted(file, what));
    }

    Path file() {
        return file;
    }

    /** The pieces in the order of their ids. */
    List<Piece> pieces() {
        return pieces;
    }

    /** The id of the one piece for text that no other piece covers. */
    int unknownId() {
        return ids(Kind.UNKNOWN).get(0);
    }

    /** Whether text that no piece covers becomes pieces for its bytes. */
    boolean byteFallback() {
        return byteFallback;
    }

    /** The precompiled map of characters, empty if they stay as they are. */
    byte[] characterMap() {
        return characterMap;
    }

    /** Whether text stays as it is but for a space before it, and {@code ▁} for every space. */
    boolean keepsText() {
        return characterMap.length == 0 && dummyPrefix && escapesSpaces && !removesExtraSpaces && !spaceAfterWord;
    }
}
