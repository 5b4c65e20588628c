package io.lavis4j.zoo.huggingface;

import io.lavis4j.model.BaseModel;
import io.lavis4j.tokenize.Side;
import io.lavis4j.tokenize.Tokenizer;
import io.lavis4j.tokenize.TokenizerFiles;
import io.lavis4j.zoo.LocatedWeights;
import io.lavis4j.zoo.ModelType;
import io.lavis4j.zoo.QFormerKeys;
import io.lavis4j.zoo.WeightSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The folders that a model's tokenizers are read from.
 *
 * @param first of the language model, or of the Q-Former where there is none
 * @param qformer of the Q-Former beside a language model; {@code null} if it has none of its own
 */
record SourceTokenizers(Path first, @Nullable Path qformer) {

    static final String IMAGE_TOKEN = "<image>";

    /** Those of a model that was, or could be, made from its type's files. */
    static <M extends BaseModel> SourceTokenizers of(ModelClass<M> kind, ModelType<?> type, LocatedWeights files) {
        if (type instanceof FolderType<?> folder) {
            var own = folder.folder().resolve(ModelClass.QFORMER_TOKENIZER);
            return new SourceTokenizers(folder.folder(), kind.isInstruct() ? own : null);
        }
        return new SourceTokenizers(
                files.of(kind.hasLanguageModel() ? WeightSource.LANGUAGE_MODEL : QFormerKeys.TOKENIZER),
                kind.isInstruct() ? files.of(QFormerKeys.TOKENIZER) : null);
    }

    /** The id that stands for a query's output in a text: of the token that is there, or is added. */
    static long imageId(Tokenizer tokenizer) {
        return tokenizer.tokenToId(IMAGE_TOKEN).orElse(tokenizer.vocabSize());
    }

    /** Decoder-only models go on where a text ends, so that they are padded before it. */
    void write(ModelClass<?> kind, Tokenizer tokenizer, Path folder) throws IOException {
        boolean left = kind.textType().equals("opt") || kind.textType().equals("llama");
        TokenizerFiles.write(tokenizer, List.of(IMAGE_TOKEN), left ? Side.LEFT : Side.RIGHT, folder);
        if (qformer != null) {
            var own = Files.createDirectory(folder.resolve(ModelClass.QFORMER_TOKENIZER));
            try (var words = Tokenizer.qformer(qformer)) {
                TokenizerFiles.write(words, List.of(), Side.RIGHT, own);
            }
        }
    }
}
