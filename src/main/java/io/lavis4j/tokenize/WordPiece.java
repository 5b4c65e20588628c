package io.lavis4j.tokenize;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/**
 * BERT's WordPiece (arXiv:1810.04805, section 3): words and punctuation are cut apart, then each word into the longest
 * known pieces, which begin with {@code ##} inside a word.
 *
 * <p>Difference from the reference: which characters are letters, punctuation or unassigned comes from the native
 * library's version of Unicode, not from Python's, so some characters of rare scripts are cut differently.
 *
 * @param config settings of {@code tokenizer_config.json} about case, accents and Chinese characters
 */
record WordPiece(ObjectNode config) implements Scheme {

    @Override
    public String modelType() {
        return "WordPiece";
    }

    @Override
    public List<String> vocabularyFiles() {
        return List.of("vocab.txt");
    }

    @Override
    public ObjectNode pipeline(HubFolder folder) {
        ObjectNode pipeline = JsonNodeFactory.instance.objectNode();
        ObjectNode normalizer = pipeline.putObject("normalizer").put("type", "BertNormalizer");
        normalizer.put("clean_text", true);
        normalizer.put(
                "handle_chinese_chars", config.path("tokenize_chinese_chars").asBoolean(true));
        normalizer.set("strip_accents", config.get("strip_accents"));
        normalizer.put("lowercase", config.path("do_lower_case").asBoolean(true));
        pipeline.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
        ObjectNode model = pipeline.putObject("model").put("type", modelType());
        model.put("continuing_subword_prefix", "##").put("max_input_chars_per_word", 100);
        ObjectNode vocabulary = model.putObject("vocab");
        int id = 0;
        for (String token : folder.lines("vocab.txt")) {
            vocabulary.put(token, id++);
        }
        return pipeline;
    }

    @Override
    public void settle(ObjectNode pipeline, String unknownToken) {
        pipeline.withObject("/model").put("unk_token", unknownToken);
    }

    @Override
    public void complete(ObjectNode pipeline) {
        pipeline.putObject("decoder")
                .put("type", "WordPiece")
                .put("prefix", "##")
                .put("cleanup", true);
    }

    @Override
    public Map<SpecialToken, String> defaultTokens() {
        return Map.of(
                SpecialToken.UNK, "[UNK]",
                SpecialToken.SEP, "[SEP]",
                SpecialToken.PAD, "[PAD]",
                SpecialToken.CLS, "[CLS]",
                SpecialToken.MASK, "[MASK]");
    }

    @Override
    public List<SpecialToken> prefix() {
        return List.of(SpecialToken.CLS);
    }

    @Override
    public List<SpecialToken> suffix() {
        return List.of(SpecialToken.SEP);
    }

    @Override
    public String prepare(String text) {
        return text;
    }

    @Override
    public String join(List<String> tokens, Vocabulary vocabulary) {
        return String.join(" ", tokens).replace(" ##", "").strip();
    }
}
