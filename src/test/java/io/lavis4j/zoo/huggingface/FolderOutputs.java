package io.lavis4j.zoo.huggingface;

import io.lavis4j.checkpoint.SafeTensors;
import io.lavis4j.generate.EndTokens;
import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.golden.Golden;
import io.lavis4j.model.BaseModel;
import io.lavis4j.model.blip2.Blip2Qformer;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.zoo.WeightFiles;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * What {@code hugging_face_round_trip.py} compares: reads a folder and {@code inputs.safetensors}, writes logits and
 * tokens, and saves the model to another folder.
 */
final class FolderOutputs {

    private FolderOutputs() {}

    public static void main(String[] arguments) {
        Path folder = Path.of(arguments[0]), saved = Path.of(arguments[3]);
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard();
                var loaded = HuggingFaceFolder.load(folder, Devices.cpu());
                var model = new IdsModel(loaded.model())) {
            var in = SafeTensors.read(Path.of(arguments[1]));
            var out = loaded.model() instanceof Blip2Qformer
                    ? Map.of("itm", model.itm(in), "itc", model.itc(in))
                    : texts(model, in, FolderConfig.of(folder));
            SafeTensors.write(Path.of(arguments[2]), out, Map.of());
            save(saved, folder, loaded.model());
        }
    }

    private static void save(Path saved, Path folder, BaseModel model) {
        var config = FolderConfig.of(folder);
        save(saved, HuggingFaceFolder.type(folder, config, ModelClass.of(config)), model);
    }

    private static <M extends BaseModel> void save(Path saved, FolderType<M> type, BaseModel model) {
        HuggingFaceFolder.save(saved, type.kind().model().cast(model), type, WeightFiles.in(List.of()));
    }

    private static Map<String, Tensor> texts(IdsModel model, Map<String, Tensor> in, FolderConfig config) {
        var out = new LinkedHashMap<String, Tensor>();
        out.put("logits", model.logits(in, true));
        var padded = new LinkedHashMap<>(in);
        padded.putAll(Golden.under("padded.", in));
        long end = config.text().path("eos_token_id").asLong();
        for (int beams : new int[] {1, 4}) {
            long[][] rows = model.tokens(
                    padded,
                    true,
                    GenerationConfig.lavis().withNumBeams(beams).withMaxLength(12),
                    new EndTokens(end, end));
            int longest = Arrays.stream(rows).mapToInt(row -> row.length).max().orElse(0);
            long[][] square = Arrays.stream(rows)
                    .map(row -> {
                        long[] filled = Arrays.copyOf(row, longest);
                        Arrays.fill(filled, row.length, longest, end);
                        return filled;
                    })
                    .toArray(long[][]::new);
            out.put("tokens" + beams, Tensors.of(square, Devices.cpu()));
        }
        return out;
    }
}
