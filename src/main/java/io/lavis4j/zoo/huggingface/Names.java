package io.lavis4j.zoo.huggingface;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Names of a model's tensors in Hugging Face's class and in LAVIS's, from one table in both directions.
 *
 * <p>In a row {@code #} stands for a number and a {@code *} at the end for the rest of a name; the first row that fits
 * is taken. The fused bias of the vision encoder's attention is not in it, see {@link FusedBias}.
 */
record Names(List<Row> rows) {

    private static final List<Row> EVERY_CLASS = table(
            "query_tokens", "query_tokens",
            "vision_model.embeddings.class_embedding", "visual_encoder.cls_token",
            "vision_model.embeddings.position_embedding", "visual_encoder.pos_embed",
            "vision_model.embeddings.patch_embedding.*", "visual_encoder.patch_embed.proj.*",
            "vision_model.encoder.layers.#.layer_norm1.*", "visual_encoder.blocks.#.norm1.*",
            "vision_model.encoder.layers.#.layer_norm2.*", "visual_encoder.blocks.#.norm2.*",
            "vision_model.encoder.layers.#.self_attn.qkv.weight", "visual_encoder.blocks.#.attn.qkv.weight",
            "vision_model.encoder.layers.#.self_attn.projection.*", "visual_encoder.blocks.#.attn.proj.*",
            "vision_model.encoder.layers.#.mlp.*", "visual_encoder.blocks.#.mlp.*",
            "vision_model.post_layernorm.*", "ln_vision.*",
            "qformer.encoder.layer.#.attention.attention.*", "Qformer.bert.encoder.layer.#.attention.self.*",
            "qformer.encoder.layer.#.crossattention.attention.*", "Qformer.bert.encoder.layer.#.crossattention.self.*",
            "qformer.encoder.*", "Qformer.bert.encoder.*");

    private static final List<Row> IMAGES_ALONE = table("qformer.layernorm.*", "Qformer.bert.embeddings.LayerNorm.*");

    private static final List<Row> INSTRUCTIONS = table(
            "qformer.embeddings.word_embeddings.*", "Qformer.bert.embeddings.word_embeddings.*",
            "qformer.embeddings.position_embeddings.*", "Qformer.bert.embeddings.position_embeddings.*",
            "qformer.embeddings.layernorm.*", "Qformer.bert.embeddings.LayerNorm.*");

    private static final List<Row> CAPTIONS = table(
            "embeddings.word_embeddings.*", "Qformer.bert.embeddings.word_embeddings.*",
            "embeddings.position_embeddings.*", "Qformer.bert.embeddings.position_embeddings.*",
            "qformer.layernorm.*", "Qformer.bert.embeddings.LayerNorm.*",
            "vision_projection.*", "vision_proj.*",
            "text_projection.*", "text_proj.*",
            "itm_head.*", "itm_head.*");

    /** A line of the table. */
    record Row(String huggingFace, String lavis) {

        private static Pattern pattern(String template) {
            return Pattern.compile(
                    Pattern.quote(template).replace("#", "\\E(\\d+)\\Q").replace("*", "\\E(.+)\\Q"));
        }

        private static Optional<String> rename(String name, String from, String to) {
            var matcher = pattern(from).matcher(name);
            if (!matcher.matches()) {
                return Optional.empty();
            }
            String renamed = to;
            for (int i = 1; i <= matcher.groupCount(); i++) {
                renamed = renamed.replaceFirst("[#*]", matcher.group(i));
            }
            return Optional.of(renamed);
        }
    }

    /** A name by a row. */
    record Renamed(Row row, String name) {}

    private static List<Row> table(String... pairs) {
        return Stream.iterate(0, i -> i < pairs.length, i -> i + 2)
                .map(i -> new Row(pairs[i], pairs[i + 1]))
                .toList();
    }

    private static Names with(List<Row> text, List<Row> languageModel) {
        return new Names(Stream.of(EVERY_CLASS, text, languageModel)
                .flatMap(List::stream)
                .toList());
    }

    private static List<Row> languageModel(String projection, String model) {
        return table("language_projection.*", projection + ".*", "language_model.*", model + ".*");
    }

    /** {@code Blip2ForConditionalGeneration} with OPT. */
    static Names opt() {
        return with(IMAGES_ALONE, languageModel("opt_proj", "opt_model"));
    }

    /** {@code Blip2ForConditionalGeneration} with T5. */
    static Names t5() {
        return with(IMAGES_ALONE, languageModel("t5_proj", "t5_model"));
    }

    /** {@code InstructBlipForConditionalGeneration} with T5. */
    static Names instructT5() {
        return with(INSTRUCTIONS, languageModel("t5_proj", "t5_model"));
    }

    /** {@code InstructBlipForConditionalGeneration} with Vicuna. */
    static Names instructVicuna() {
        return with(INSTRUCTIONS, languageModel("llm_proj", "llm_model"));
    }

    /** {@code Blip2ForImageTextRetrieval}. */
    static Names retrieval() {
        return with(CAPTIONS, List.of());
    }

    Optional<Renamed> toLavis(String huggingFace) {
        return rows.stream()
                .flatMap(row ->
                        Row.rename(huggingFace, row.huggingFace, row.lavis)
                                .map(name -> new Renamed(row, name))
                                .stream())
                .findFirst();
    }

    /** The rows, in Hugging Face's names, that none of LAVIS's names falls under; a whole model has names for each. */
    List<String> lacking(Collection<String> lavis) {
        var found = lavis.stream()
                .flatMap(name -> toHuggingFace(name).stream())
                .map(Renamed::row)
                .toList();
        return rows.stream()
                .filter(row -> !found.contains(row))
                .map(Row::huggingFace)
                .toList();
    }

    Optional<Renamed> toHuggingFace(String lavis) {
        return rows.stream()
                .flatMap(row ->
                        Row.rename(lavis, row.lavis, row.huggingFace).map(name -> new Renamed(row, name)).stream())
                .findFirst();
    }
}
