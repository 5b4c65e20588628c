package io.lavis4j.model.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.bytedeco.pytorch.global.torch.randn;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lavis4j.golden.Golden;
import io.lavis4j.golden.GoldenCases;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LlamaWeightsTest {

    private static final LlamaConfig CONFIG = new LlamaConfig(40, 16, 24, 2, 4, 2, 4, 32, 1e-6, 10000, false, 0, 1, 2);
    private static final String WORDS = "model.embed_tokens.weight";
    private static final String FREQUENCIES = ".self_attn.rotary_emb.inv_freq";

    private final PointerScope scope = new PointerScope();

    @BeforeEach
    void seed() {
        RandomState.seed(1);
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private static Map<String, Tensor> file(LlamaConfig config) {
        var model = new Llama(config);
        model.initialize();
        var file = new LinkedHashMap<String, Tensor>();
        model.stateDict().forEach((name, tensor) -> file.put(name, tensor.detach()));
        return file;
    }

    private static void assertHolds(Module model, Map<String, Tensor> file) {
        model.stateDict()
                .forEach((name, tensor) -> assertThat(Tensors.floats(tensor))
                        .as(name)
                        .containsExactly(Tensors.floats(Golden.get(file, name))));
    }

    @Test
    void theStateDictHasLavissNamesShapesAndOrder() throws IOException {
        var path = GoldenCases.of("k_state_dicts").get(0).resolve("blip2_vicuna_instruct__vicuna7b.json");
        var list = new ObjectMapper().readTree(path.toFile());
        var parameters = new LinkedHashMap<String, String>();
        var saved = new LinkedHashMap<String, String>();
        for (var group : new String[] {"parameters", "buffers"}) {
            list.get(group).properties().stream()
                    .filter(entry -> entry.getKey().startsWith("llm_model."))
                    .filter(entry -> entry.getValue().path("persistent").asBoolean(true))
                    .forEach(entry -> {
                        String name = entry.getKey().substring("llm_model.".length());
                        String shape = entry.getValue().get("shape").toString();
                        saved.put(name, shape);
                        if (group.equals("parameters")) {
                            parameters.put(name, shape);
                        }
                    });
        }

        try (var model = new Llama(LlamaConfig.vicuna7b().withPadToken())) {
            assertThat(shapes(model.stateDict())).isEqualTo(saved);
            assertThat(model.namedParameters().keySet()).containsExactlyElementsOf(parameters.keySet());
        }
    }

    private static Map<String, String> shapes(Map<String, Tensor> state) {
        return state.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        entry -> Tensors.shape(entry.getValue())
                                .replace('(', '[')
                                .replace(')', ']')
                                .replace(" ", "")));
    }

    @Test
    void frequenciesAreLavissToTheLastBit() {
        var golden = Golden.at(GoldenCases.of("d_blip2_vicuna_instruct").get(0));
        var config = LlamaConfig.of(golden.json("expected.json").path("config").path("llama"));
        var stored = golden.tensors("weights.safetensors");

        new Llama(config).stateDict().forEach((name, tensor) -> {
            if (name.endsWith(FREQUENCIES)) {
                assertThat(Tensors.floats(tensor))
                        .containsExactly(Tensors.floats(Golden.get(stored, "llm_model." + name)));
            }
        });
    }

    @Test
    void filesWithoutFrequenciesOrWithRoundedOnesGiveTheSameModel() {
        var file = file(CONFIG);
        var without = new LinkedHashMap<>(file);
        without.keySet().removeIf(name -> name.endsWith(FREQUENCIES));
        var rounded = new LinkedHashMap<>(file);
        rounded.replaceAll((name, t) -> name.endsWith(FREQUENCIES) ? t.to(ScalarType.Half) : t);
        for (var state : List.of(file, without, rounded)) {
            var model = new Llama(CONFIG);

            model.load(LlamaWeights.fit(state, CONFIG)).requireComplete("the file");

            assertHolds(model, file);
        }
    }

    @Test
    void filesOfTheBodyAloneAreAccepted() {
        var config = new LlamaConfig(40, 16, 24, 2, 4, 4, 4, 32, 1e-6, 10000, true, 0, 1, 2);
        var file = file(config);
        var body = new LinkedHashMap<String, Tensor>();
        file.forEach((name, tensor) -> {
            if (!name.startsWith("lm_head.")) {
                body.put(name.substring("model.".length()), tensor);
            }
        });
        var model = new Llama(config);

        model.load(LlamaWeights.fit(body, config)).requireComplete("the file");

        assertHolds(model, file);
    }

    @Test
    void aFileWithoutTheRowOfPaddingGetsARandomOne() {
        var published = new LlamaConfig(40, 2048, 24, 1, 4, 4, 512, 32, 1e-6, 10000, false, 0, 1, 2);
        var file = file(published);
        file.replaceAll((name, tensor) -> tensor.to(ScalarType.BFloat16));
        var model = new Llama(published.withPadToken());

        model.load(LlamaWeights.fit(file, model.config())).requireComplete("the file");

        for (String name : new String[] {WORDS, "lm_head.weight"}) {
            var table = Golden.get(model.stateDict(), name);
            assertThat(Tensors.floats(table.narrow(0, 0, 40))).containsExactly(Tensors.floats(Golden.get(file, name)));
            var row = table.select(0, 40);
            assertThat(row.mean().item_float()).isCloseTo(0, within(0.002f));
            assertThat(row.std().item_float()).isCloseTo(0.02f, within(0.002f));
        }
    }

    @Test
    void aFileWithMoreRowsOrFarFewerIsRefused() {
        for (int rows : new int[] {38, 41}) {
            var file = file(CONFIG);
            file.put(WORDS, randn(rows, 16));
            assertThatThrownBy(() -> new Llama(CONFIG).load(LlamaWeights.fit(file, CONFIG)))
                    .hasMessageContaining("model.embed_tokens.weight: expected (40, 16), got (%d, 16)".formatted(rows));
        }
    }
}
