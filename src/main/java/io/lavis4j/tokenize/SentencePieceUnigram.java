package io.lavis4j.tokenize;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.tokenize.SentencePieceModel.Piece;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * SentencePiece's unigram language model (arXiv:1804.10959) with T5's special tokens (arXiv:1910.10683, section 2.4):
 * the segmentation of the highest probability, and sentinels {@code <extra_id_0>}, {@code <extra_id_1>}, … for masked
 * spans.
 *
 * <p>Difference from the reference: from {@code spiece.model} alone, too, scores come to the native library as
 * decimals, so of segmentations that are equally probable it takes the one that {@code tokenizer.json} gives.
 *
 * @param sentinels how many there are
 */
record SentencePieceUnigram(int sentinels) implements Scheme {

    private static final String SPACE = "▁";
    private static final int MAX_SENTINELS = 10_000;

    static SentencePieceUnigram of(ObjectNode config, HubFolder folder) {
        int sentinels = config.path("extra_ids").asInt(100);
        if (sentinels < 0 || sentinels > MAX_SENTINELS) {
            throw new IllegalArgumentException("%s: expected extra_ids from 0 to %d, got %s"
                    .formatted(folder.path().resolve("tokenizer_config.json"), MAX_SENTINELS, config.get("extra_ids")));
        }
        return new SentencePieceUnigram(sentinels);
    }

    /** LAVIS takes T5's fast class. */
    @Override
    public boolean fast() {
        return true;
    }

    @Override
    public String modelType() {
        return "Unigram";
    }

    @Override
    public List<String> vocabularyFiles() {
        return List.of("spiece.model");
    }

    @Override
    public ObjectNode pipeline(HubFolder folder) {
        var source = new SentencePieceModel(
                folder.path().resolve(vocabularyFiles().get(0)), SentencePieceModel.Algorithm.UNIGRAM);
        ObjectNode pipeline = JsonNodeFactory.instance.objectNode();
        ArrayNode steps =
                pipeline.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
        if (source.characterMap().length > 0) {
            steps.addObject()
                    .put("type", "Precompiled")
                    .put("precompiled_charsmap", Base64.getEncoder().encodeToString(source.characterMap()));
        }
        steps.addObject()
                .put("type", "Replace")
                .put("content", " ")
                .putObject("pattern")
                .put("Regex", " {2,}");
        pipeline.putObject("pre_tokenizer")
                .put("type", "Metaspace")
                .put("replacement", SPACE)
                .put("prepend_scheme", "always");
        ObjectNode model = pipeline.putObject("model").put("type", modelType());
        model.put("unk_id", source.unknownId());
        ArrayNode vocabulary = model.putArray("vocab");
        for (Piece piece : source.pieces()) {
            vocabulary.addArray().add(piece.text()).add((double) piece.score());
        }
        for (int i = sentinels - 1; i >= 0; i--) {
            vocabulary.addArray().add(sentinel(i)).add(0.0);
        }
        return pipeline;
    }

    private static String sentinel(int number) {
        return "<extra_id_%d>".formatted(number);
    }

    @Override
    public void settle(ObjectNode pipeline, String unknownToken) {
        // the fast class leaves its file as it is
    }

    @Override
    public void complete(ObjectNode pipeline) {
        pipeline.putObject("decoder")
                .put("type", "Metaspace")
                .put("replacement", SPACE)
                .put("prepend_scheme", "always");
    }

    @Override
    public Map<SpecialToken, String> defaultTokens() {
        return Map.of(SpecialToken.EOS, "</s>", SpecialToken.UNK, "<unk>", SpecialToken.PAD, "<pad>");
    }

    @Override
    public List<String> defaultOthers() {
        return IntStream.range(0, sentinels)
                .mapToObj(SentencePieceUnigram::sentinel)
                .toList();
    }

    @Override
    public List<SpecialToken> prefix() {
        return List.of();
    }

    @Override
    public List<SpecialToken> suffix() {
        return List.of(SpecialToken.EOS);
    }

    @Override
    public String prepare(String text) {
        return text;
    }

    @Override
    public String join(List<String> tokens, Vocabulary vocabulary) {
        String first = tokens.get(0).replace(SPACE, "");
        String others = String.join("", tokens.subList(1, tokens.size()));
        return first + others.replace(SPACE, " ");
    }
}
