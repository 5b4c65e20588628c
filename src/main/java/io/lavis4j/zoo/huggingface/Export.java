package io.lavis4j.zoo.huggingface;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.model.BaseModel;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tokenize.EncodeOptions;
import io.lavis4j.tokenize.Tokenizer;
import io.lavis4j.zoo.huggingface.FolderWriter.Content;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A model's tensors under Hugging Face's names, with its configuration.
 *
 * <p>The image needs a token: the first id after the tokenizer's. Where the word table has no row for it, table and
 * head are made longer to a multiple of 64, as Hugging Face's own conversions are. Each new row is the mean of the
 * others, so that its score is the mean of theirs and never the highest.
 */
final class Export<M extends BaseModel> {

    private static final int ROWS = 64; // the word table is as long as a multiple of it where it grows

    private final ModelClass<M> kind;
    private final M model;
    private final Map<String, Tensor> state;
    private final List<String> checkpoint;
    private final ConversionReport report;
    private final Map<String, Tensor> weights = new LinkedHashMap<>();
    private final Map<String, Tensor> kept = new LinkedHashMap<>();
    private long words;

    /**
     * @param model the shape alone
     * @param state under LAVIS's names
     * @param checkpoint names of {@code state} that must be found again; empty if it comes from no checkpoint
     * @param report takes what becomes of the names
     */
    Export(M model, Map<String, Tensor> state, List<String> checkpoint, ConversionReport report) {
        this.kind = ModelClass.of(model);
        this.model = model;
        this.state = state;
        this.checkpoint = checkpoint;
        this.report = report;
    }

    /** Writes the folder, which must be new, in one step. */
    void write(Path folder, SourceTokenizers tokenizers) {
        var config = kind.config().apply(model);
        try (var tokenizer = kind.tokenizer().apply(tokenizers.first())) {
            translate();
            complete(config, tokenizer);
            var lavis = new LavisTensors(kept, checkpoint, words);
            new FolderWriter(kind, new Content(config, weights, lavis), tokenizers).write(folder, tokenizer);
        }
    }

    private void translate() {
        var places = model.module().stateDict().keySet();
        var ofCheckpoint = Set.copyOf(checkpoint);
        state.forEach((name, tensor) -> {
            var fused = FusedBias.fused(name).filter(n -> places.contains(FusedBias.queries(name)));
            if (fused.isPresent()) {
                weights.computeIfAbsent(fused.get(), n -> FusedBias.join(name, state));
                report.add("joined to " + FusedBias.RULE, name);
            } else if (places.contains(name) && !kind.isNeverInFile(name)) {
                var renamed = kind.names().toHuggingFace(name).orElseThrow();
                weights.put(renamed.name(), tensor);
                report.add(
                        "renamed %s to %s"
                                .formatted(renamed.row().lavis(), renamed.row().huggingFace()),
                        name);
            } else if (isRepeated(name, tensor)) {
                report.add("left out, as they are other tensors again", name);
            } else if (places.contains(name) && !ofCheckpoint.contains(name) && kind.isMadeAnew(name)) {
                report.add("left out, as they are computed", name);
            } else {
                kept.put(name, tensor);
                report.add("kept in " + LavisTensors.FILE, name);
            }
        });
    }

    private boolean isRepeated(String name, Tensor tensor) {
        var other = state.get(kind.tiedTo(name));
        return other != null
                && Tensors.dtype(other) == Tensors.dtype(tensor)
                && Tensors.shape(other).equals(Tensors.shape(tensor))
                && bytes(other).equal(bytes(tensor));
    }

    private static Tensor bytes(Tensor tensor) {
        return tensor.contiguous().view(ScalarType.Byte);
    }

    private void complete(ObjectNode config, Tokenizer tokenizer) {
        config.putArray("architectures").add(kind.name());
        config.put("model_type", kind.modelType()).put("dtype", dtype());
        long image = SourceTokenizers.imageId(tokenizer);
        config.put("image_token_index", image);
        if (kind.hasLanguageModel()) {
            var text = config.withObject("/text_config");
            long rows = text.get("vocab_size").asLong();
            if (rows <= image) {
                words = rows;
                rows = (image / ROWS + 1) * ROWS;
                lengthen(rows);
                text.put("vocab_size", rows);
            }
        }
        if (kind.textType().equals("opt")) { // a line break ends captions
            long end = tokenizer.encode("\n", EncodeOptions.plain().withSpecialTokens(false))
                    .ids()[0];
            config.withObject("/text_config").put("eos_token_id", end);
        }
    }

    private void lengthen(long rows) {
        for (String table : kind.tables()) {
            String name = kind.prefix() + table;
            kind.names()
                    .toHuggingFace(name)
                    .ifPresent(renamed -> weights.computeIfPresent(renamed.name(), (n, tensor) -> {
                        report.add("lengthened from %d to %d rows".formatted(tensor.size(0), rows), name);
                        return Scopes.keep(() -> {
                            var mean = Tensors.mean(tensor.to(ScalarType.Float), 0)
                                    .to(Tensors.dtype(tensor))
                                    .unsqueeze(0); // (1, W)
                            return Tensors.cat(0, tensor, mean.expand(rows - tensor.size(0), tensor.size(1)));
                        });
                    }));
        }
    }

    /** The widest of all, as a folder has but one. */
    private String dtype() {
        var dtypes = new LinkedHashSet<ScalarType>();
        weights.values().forEach(tensor -> dtypes.add(Tensors.dtype(tensor)));
        var only = dtypes.size() == 1 ? dtypes.iterator().next() : ScalarType.Float;
        return switch (Objects.requireNonNull(only)) {
            case Half -> "float16";
            case BFloat16 -> "bfloat16";
            default -> "float32";
        };
    }
}
