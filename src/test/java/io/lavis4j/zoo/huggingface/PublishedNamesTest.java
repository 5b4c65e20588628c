package io.lavis4j.zoo.huggingface;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.golden.GoldenCases;
import io.lavis4j.model.BaseModel;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.zoo.LocatedWeights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names and shapes of Hugging Face's classes at the published sizes; no values are made. */
class PublishedNamesTest {

    @ParameterizedTest
    @CsvSource({
        "blip2-opt-2.7b, opt",
        "blip2-flan-t5-xl, t5",
        "instructblip-flan-t5-xl, t5",
        "instructblip-vicuna-7b, llama",
        "blip2-itm-vit-g, bert"
    })
    void areOursInBothDirections(String name, String tokenizer, @TempDir Path folder) throws IOException {
        var list = list(name);
        write(list, folder);
        Folders.tokenizer(tokenizer, folder);
        Folders.tokenizer("bert", folder.resolve(ModelClass.QFORMER_TOKENIZER));
        var config = FolderConfig.of(folder);
        check(HuggingFaceFolder.type(folder, config, ModelClass.of(config)), list);
    }

    private static <M extends BaseModel> void check(FolderType<M> type, JsonNode list) {
        try (var scope = new PointerScope();
                var model = type.create(new LocatedWeights(Map.of()), Devices.cpu())) {
            var own = shapes(model.module().stateDict());
            var kind = type.kind();
            var file = file(list);

            var read = shapes(type.state(file, model));
            assertThat(own).containsAllEntriesOf(read);
            assertThat(own.keySet().stream().filter(key -> !read.containsKey(key)))
                    .allMatch(kind::isNeverInFile);

            var written = new TreeMap<String, String>();
            own.forEach((key, shape) -> {
                if (!kind.isNeverInFile(key)) {
                    kind.names().toHuggingFace(key).ifPresent(renamed -> written.put(renamed.name(), shape));
                    FusedBias.fused(key).ifPresent(fused -> written.put(fused, "fused"));
                }
            });
            var expected = new TreeMap<>(shapes(file));
            expected.replaceAll((key, shape) -> key.endsWith("qkv.bias") ? "fused" : shape);
            assertThat(written).isEqualTo(expected);
        }
    }

    private static JsonNode list(String name) throws IOException {
        var file = GoldenCases.of("k_state_dicts").get(0).resolve("hf__" + name + ".json");
        return new ObjectMapper().readTree(file.toFile());
    }

    /** The configuration of the list, with what says which class it is of. */
    private static void write(JsonNode list, Path folder) throws IOException {
        var config = (ObjectNode) list.get("config");
        String name = list.get("class").asText();
        config.putArray("architectures").add(name);
        config.put("model_type", name.startsWith("Instruct") ? "instructblip" : "blip-2");
        Files.writeString(folder.resolve("config.json"), config.toString());
    }

    /** What the published file holds: the parameters, and a head of T5 that is not tied in it. */
    private static Map<String, Tensor> file(JsonNode list) {
        var zero = torch.zeros(1);
        var file = new LinkedHashMap<String, Tensor>();
        for (String part : new String[] {"parameters", "separate_when_loaded_from_the_published_file"}) {
            list.path(part).properties().forEach(entry -> {
                var shape = entry.getValue().get("shape");
                long[] sizes = new long[shape.size()];
                Arrays.setAll(sizes, i -> shape.get(i).asLong());
                file.put(entry.getKey(), zero.expand(sizes));
            });
        }
        return file;
    }

    private static Map<String, String> shapes(Map<String, Tensor> state) {
        var shapes = new LinkedHashMap<String, String>();
        state.forEach((name, tensor) -> shapes.put(name, Tensors.shape(tensor)));
        return shapes;
    }
}
