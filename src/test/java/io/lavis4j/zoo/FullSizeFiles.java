package io.lavis4j.zoo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.checkpoint.SafeTensors;
import io.lavis4j.golden.GoldenCases;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Writes random files of a BLIP-2 with OPT-2.7b in its published size, 8 GB, to see what a full-size model takes: the
 * backbone {@code eva_vit_g.pth} and the folder {@code facebook/opt-2.7b} in bf16, the checkpoint in float32.
 *
 * <p>Run it with a folder as its argument, then {@code caption} with {@code LAVIS_WEIGHTS} naming that folder.
 */
public final class FullSizeFiles {

    private static final int WORDS = 50265;
    private static final double STD = 0.02;
    private static final long MOST = 1L << 28; // numbers of the largest parameter, OPT's word table, and some more

    private final Path folder;
    private final Map<String, Tensor> parameters;
    private final Tensor random;

    private FullSizeFiles(Path folder, Map<String, Tensor> parameters) {
        this.folder = folder;
        this.parameters = parameters;
        random = torch.empty(new long[] {MOST}, Tensors.options(Devices.cpu(), ScalarType.BFloat16), null)
                .normal_(0, STD, null);
    }

    /** @param arguments the folder */
    public static void main(String[] arguments) throws IOException {
        var folder = Path.of(arguments[0]);
        var type = ModelZoo.BLIP2_OPT.type("pretrain_opt2.7b");
        var shape = Objects.requireNonNull(type.shape(WeightFiles.of(List.of(), name -> null)));
        try (var scope = new PointerScope();
                var tree = shape.create(Devices.cpu())) {
            new FullSizeFiles(folder, tree.namedParameters()).write();
        }
    }

    private void write() throws IOException {
        var opt = Files.createDirectories(folder.resolve("facebook").resolve("opt-2.7b"));
        SafeTensors.write(opt.resolve("model.safetensors"), values("opt_model.", name -> true), Map.of("format", "pt"));
        Files.writeString(opt.resolve("config.json"), """
                {"model_type": "opt", "vocab_size": 50272, "hidden_size": 2560, "num_hidden_layers": 32,
                 "num_attention_heads": 32, "ffn_dim": 10240, "max_position_embeddings": 2048,
                 "word_embed_proj_dim": 2560}
                """);
        writeTokenizer(opt);
        writePth("eva_vit_g.pth", values("visual_encoder.", name -> true));
        Predicate<String> ofNoFile = name -> !name.startsWith("opt_model.") && !name.startsWith("visual_encoder.");
        var checkpoint = new LinkedHashMap<String, Tensor>();
        values("", ofNoFile).forEach((name, value) -> checkpoint.put(name, value.to(ScalarType.Float)));
        writePth("blip2_pretrained_opt2.7b.pth", Map.of("model", checkpoint));
    }

    /** OPT's tokenizer of the cases with as many words as the published one has. */
    private static void writeTokenizer(Path opt) throws IOException {
        var small = GoldenCases.of("j_tokenizers").get(0).resolve("opt");
        var tokenizer =
                new ObjectMapper().readTree(small.resolve("tokenizer.json").toFile());
        var words = (ObjectNode) tokenizer.path("model").path("vocab");
        for (int id = words.size(); id < WORDS; id++) {
            words.put(" word" + id, id);
        }
        Files.writeString(opt.resolve("tokenizer.json"), tokenizer.toString());
        Files.copy(small.resolve("tokenizer_config.json"), opt.resolve("tokenizer_config.json"));
    }

    /** A part's parameters by their names in its file, all of the same random numbers. */
    private Map<String, Tensor> values(String prefix, Predicate<String> wanted) {
        var values = new LinkedHashMap<String, Tensor>();
        parameters.forEach((name, parameter) -> {
            if (name.startsWith(prefix) && wanted.test(name)) {
                long start = name.hashCode() & 0xffff;
                values.put(
                        name.substring(prefix.length()),
                        random.narrow(0, start, parameter.numel()).view(parameter.shape()));
            }
        });
        return values;
    }

    /** Each tensor with memory of its own, as the format keeps shared memory. */
    private void writePth(String name, Map<String, ?> tree) {
        try (var scope = new PointerScope()) {
            Checkpoints.write(folder.resolve(name), cloned(tree));
        }
    }

    private static Map<String, Object> cloned(Map<?, ?> tree) {
        var cloned = new LinkedHashMap<String, Object>();
        tree.forEach((name, value) -> cloned.put(
                (String) name,
                value instanceof Map<?, ?> inner ? cloned(inner) : Scopes.keep(() -> ((Tensor) value).clone())));
        return cloned;
    }
}
