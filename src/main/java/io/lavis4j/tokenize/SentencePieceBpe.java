package io.lavis4j.tokenize;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.tokenize.SentencePieceModel.Kind;
import io.lavis4j.tokenize.SentencePieceModel.Piece;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * SentencePiece's byte pair encoding with LLaMA's special tokens (arXiv:2302.13971, section 2.1): text is a sequence of
 * characters with {@code ▁} for a space, pairs of them are merged, and characters outside the vocabulary are written as
 * their bytes.
 *
 * <p>Difference from the reference: where pieces of equal score compete for a character, the one with the lower id is
 * merged first, not the leftmost one. LLaMA's scores are all different.
 *
 * @param addBos whether the BOS token goes before a text
 * @param addEos whether the EOS token goes after a text
 * @param legacy whether a space goes before every stretch of text between special tokens, not only before the whole
 */
record SentencePieceBpe(boolean addBos, boolean addEos, boolean legacy) implements Scheme {

    private static final String SPACE = "▁";
    private static final String UNKNOWN = "<unk>";
    private static final String UNKNOWN_AS_TEXT = " ⁇ ";
    private static final Pattern BYTE = Pattern.compile("<0x[0-9A-F]{2}>");

    static SentencePieceBpe of(ObjectNode config) {
        return new SentencePieceBpe(
                config.path("add_bos_token").asBoolean(true),
                config.path("add_eos_token").asBoolean(false),
                config.path("legacy").asBoolean(true));
    }

    @Override
    public String modelType() {
        return "BPE";
    }

    @Override
    public List<String> vocabularyFiles() {
        return List.of("tokenizer.model");
    }

    @Override
    public ObjectNode pipeline(HubFolder folder) {
        var source = new SentencePieceModel(
                folder.path().resolve(vocabularyFiles().get(0)), SentencePieceModel.Algorithm.BPE);
        checkIsLlama(source);
        ObjectNode pipeline = JsonNodeFactory.instance.objectNode();
        ArrayNode added = pipeline.putArray("added_tokens");
        ObjectNode model = pipeline.putObject("model").put("type", modelType());
        model.put("unk_token", source.pieces().get(source.unknownId()).text());
        model.put("byte_fallback", source.byteFallback()).put("fuse_unk", true);
        ObjectNode vocabulary = model.putObject("vocab");
        int id = 0;
        for (Piece piece : source.pieces()) {
            if (piece.kind() == Kind.CONTROL) {
                added.addObject().put("content", piece.text()).put("id", id).put("special", true);
            }
            vocabulary.put(piece.text(), id++);
        }
        model.set("merges", merges(source.pieces()));
        return pipeline;
    }

    private static void checkIsLlama(SentencePieceModel model) {
        if (!model.keepsText()) {
            throw new IllegalArgumentException(
                    "%s: expected LLaMA's normalization (none, a space before the text, every space kept), got another; is this another model's tokenizer?"
                            .formatted(model.file()));
        }
        for (Piece piece : model.pieces()) {
            if (piece.kind() == Kind.USER_DEFINED || piece.kind() == Kind.UNUSED) {
                throw new IllegalArgumentException(
                        "%s: expected pieces as LLaMA has them, got \"%s\", which is %s; is this another model's tokenizer?"
                                .formatted(model.file(), piece.text(), piece.kind()));
            }
        }
    }

    /**
     * The pairs of pieces that make another piece, first those of the highest score; among equal ones first the piece,
     * then the parts with lower ids.
     */
    private static ArrayNode merges(List<Piece> pieces) {
        var ids = new HashMap<String, Integer>();
        for (int id = 0; id < pieces.size(); id++) {
            if (pieces.get(id).kind() == Kind.NORMAL) {
                ids.put(pieces.get(id).text(), id);
            }
        }
        var merges = new ArrayList<Merge>();
        for (int id = 0; id < pieces.size(); id++) {
            String text = pieces.get(id).text();
            for (int cut = 1; ids.containsKey(text) && cut < text.length(); cut++) {
                Integer left = ids.get(text.substring(0, cut));
                Integer right = ids.get(text.substring(cut));
                if (left != null && right != null) {
                    merges.add(new Merge(pieces.get(id).score() + 0f, id, left, right)); // -0 becomes 0
                }
            }
        }
        merges.sort(Merge.ORDER);
        ArrayNode pairs = JsonNodeFactory.instance.arrayNode();
        for (Merge merge : merges) {
            pairs.addArray()
                    .add(pieces.get(merge.left).text())
                    .add(pieces.get(merge.right).text());
        }
        return pairs;
    }

    private record Merge(float score, int id, int left, int right) {
        static final Comparator<Merge> ORDER = Comparator.comparing(Merge::score)
                .reversed()
                .thenComparing(Merge::id)
                .thenComparing(Merge::left)
                .thenComparing(Merge::right);
    }

    /** Spaces as the slow class treats them, whichever version of the fast one wrote the file. */
    @Override
    public void settle(ObjectNode pipeline, String unknownToken) {
        pipeline.putNull("pre_tokenizer");
        ArrayNode steps =
                pipeline.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
        if (legacy) {
            steps.addObject().put("type", "Prepend").put("prepend", SPACE);
        }
        steps.addObject()
                .put("type", "Replace")
                .put("content", SPACE)
                .putObject("pattern")
                .put("String", " ");
    }

    @Override
    public void complete(ObjectNode pipeline) {
        if (!legacy) {
            pipeline.putNull("normalizer");
            pipeline.putObject("pre_tokenizer")
                    .put("type", "Metaspace")
                    .put("replacement", SPACE)
                    .put("prepend_scheme", "first")
                    .put("split", false);
        }
        ArrayNode steps = pipeline.putObject("decoder").put("type", "Sequence").putArray("decoders");
        steps.addObject()
                .put("type", "Replace")
                .put("content", " ")
                .putObject("pattern")
                .put("String", SPACE);
        steps.addObject().put("type", "ByteFallback");
        steps.addObject().put("type", "Fuse");
        steps.addObject()
                .put("type", "Strip")
                .put("content", " ")
                .put("start", 1)
                .put("stop", 0);
    }

    @Override
    public Map<SpecialToken, String> defaultTokens() {
        return Map.of(SpecialToken.BOS, "<s>", SpecialToken.EOS, "</s>", SpecialToken.UNK, UNKNOWN);
    }

    @Override
    public boolean cleansUpSpaces() {
        return false;
    }

    @Override
    public List<SpecialToken> prefix() {
        return addBos ? List.of(SpecialToken.BOS) : List.of();
    }

    @Override
    public List<SpecialToken> suffix() {
        return addEos ? List.of(SpecialToken.EOS) : List.of();
    }

    @Override
    public String prepare(String text) {
        return legacy || text.isEmpty() ? text : SPACE + text.replace(SPACE, " ");
    }

    @Override
    public boolean isPreparationAlone(String stretch) {
        return !legacy && stretch.equals(SPACE);
    }

    @Override
    public String join(List<String> tokens, Vocabulary vocabulary) {
        var text = new StringBuilder();
        var run = new ArrayList<String>();
        boolean afterSpecial = false;
        for (int i = 0; i < tokens.size(); i++) {
            String token =
                    i == 0 && tokens.get(i).startsWith(SPACE) ? tokens.get(i).substring(SPACE.length()) : tokens.get(i);
            if (vocabulary.isSpecial(token)) {
                text.append(legacy && i > 0 && !afterSpecial ? " " : "");
                text.append(plainText(run, vocabulary)).append(token);
                run.clear();
                afterSpecial = true;
            } else {
                run.add(token);
                afterSpecial = false;
            }
        }
        return text.append(plainText(run, vocabulary)).toString();
    }

    /** Pieces as text; the space that encoding puts first is taken away. */
    private String plainText(List<String> pieces, Vocabulary vocabulary) {
        var text = new StringBuilder();
        var bytes = ByteBuffer.allocate(pieces.size());
        boolean first = legacy;
        for (String piece : pieces) {
            if (BYTE.matcher(piece).matches()) {
                bytes.put((byte) Integer.parseInt(piece.substring(3, 5), 16));
                continue;
            }
            append(text, bytes);
            if (piece.equals(UNKNOWN)) {
                text.append(UNKNOWN_AS_TEXT);
            } else if (!vocabulary.contains(piece)) {
                text.append(piece);
            } else if (!vocabulary.isControl(piece)) {
                boolean hasFirst = first && text.isEmpty() && piece.startsWith(SPACE);
                text.append((hasFirst ? piece.substring(SPACE.length()) : piece).replace(SPACE, " "));
                first &= !hasFirst;
            }
        }
        append(text, bytes);
        return text.toString();
    }

    /** Appends UTF-8 and empties it; every byte of what is none becomes U+FFFD. */
    private static void append(StringBuilder text, ByteBuffer bytes) {
        var decoder = StandardCharsets.UTF_8.newDecoder();
        var characters = CharBuffer.allocate(bytes.flip().remaining());
        while (decoder.reset().decode(bytes, characters, true) != CoderResult.UNDERFLOW || bytes.hasRemaining()) {
            characters.put('\ufffd');
            bytes.get();
        }
        text.append(characters.flip());
        bytes.clear();
    }
}
