package io.lavis4j.zoo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.checkpoint.SafeTensors;
import io.lavis4j.golden.Golden;
import io.lavis4j.golden.GoldenCases;
import io.lavis4j.model.blip2.Blip2Case;
import io.lavis4j.model.blip2.Blip2Config;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.model.blip2.Blip2OptConfig;
import io.lavis4j.model.evavit.EvaVitConfig;
import io.lavis4j.model.qformer.QFormerWeights;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** The weights of a reference case, spread over files as they are published. */
record TinyFiles(Path root, Golden golden) {

    static final TinyNames NAMES = new TinyNames("eva_vit_g.pth", "bert-base-uncased", "facebook/opt-tiny", "tiny.pth");

    private static final Device CPU = Devices.cpu();

    static final TinyNames NO_CHECKPOINT = with(null);

    static TinyNames with(@Nullable String checkpoint) {
        return new TinyNames(NAMES.vision(), NAMES.bert(), NAMES.opt(), checkpoint);
    }

    static TinyFiles in(Path root) {
        return new TinyFiles(root, Golden.at(GoldenCases.of("c_blip2_opt").get(0)));
    }

    /** All files of the case; the checkpoint leaves out what was frozen. */
    TinyFiles writeAll() {
        vision(under("visual_encoder."));
        bert(bertNames());
        opt(withoutModel(under("opt_model.")));
        checkpoint(trained());
        return this;
    }

    ModelLoader loader() {
        return new ModelLoader(weights());
    }

    /** Looks nowhere but in the root. */
    WeightFiles weights() {
        return WeightFiles.of(List.of(root), name -> root.resolve("none").toString());
    }

    Blip2OptConfig config() {
        return Blip2Case.config(expected(), "");
    }

    /** The reference's sizes with other settings. */
    Blip2OptConfig config(int imageSize, boolean freezeVit, Precision precision) {
        var c = config();
        var v = vision();
        var vision = new EvaVitConfig(
                imageSize,
                v.patchSize(),
                v.embedDim(),
                v.depth(),
                v.numHeads(),
                v.mlpHidden(),
                v.dropPathRate(),
                v.layerNormEps());
        return new Blip2OptConfig(
                new Blip2Config(
                        vision,
                        c.blip2().lnVisionEps(),
                        c.blip2().qformer(),
                        c.blip2().maxTxtLen(),
                        freezeVit,
                        false,
                        precision),
                c.opt(),
                c.prompt(),
                precision);
    }

    EvaVitConfig vision() {
        return (EvaVitConfig) config().blip2().vision();
    }

    LoadedModel<Blip2Opt> load() {
        return load(config(), NAMES);
    }

    LoadedModel<Blip2Opt> load(Blip2OptConfig config, TinyNames names) {
        return loader().load(names.type(config), CPU);
    }

    JsonNode expected() {
        return golden.json("expected.json");
    }

    Map<String, Tensor> all() {
        return golden.tensors("weights.safetensors");
    }

    Map<String, Tensor> under(String prefix) {
        return Golden.under(prefix, all());
    }

    Map<String, Tensor> trained() {
        var trained = all();
        trained.keySet().removeIf(name -> name.startsWith("visual_encoder.") || name.startsWith("opt_model."));
        return trained;
    }

    /** As the published file: a block too many, and a head. */
    Path vision(Map<String, Tensor> state) {
        var published = new LinkedHashMap<>(state);
        int depth = vision().depth();
        published.put("blocks." + depth + ".norm1.weight", zeros(4));
        published.put("head.weight", zeros(4, 4));
        return write("eva_vit_g.pth", published);
    }

    /** What BERT has of the case's Q-Former, as the published file names it. */
    Map<String, Tensor> bertNames() {
        int D = config().blip2().qformer().hiddenSize(),
                F = config().blip2().qformer().intermediateSize();
        var bert = new LinkedHashMap<String, Tensor>();
        bert.put("bert.embeddings.word_embeddings.weight", zeros(30522, D));
        bert.put("bert.embeddings.token_type_embeddings.weight", zeros(2, D));
        bert.put("bert.encoder.layer.0.intermediate.dense.weight", zeros(F, D));
        bert.put("bert.pooler.dense.weight", zeros(D, D));
        bert.put("cls.seq_relationship.bias", zeros(2));
        under("Qformer.").forEach((name, tensor) -> {
            if (!QFormerWeights.isNew(name)) {
                bert.put(
                        name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"),
                        tensor);
            }
        });
        return bert;
    }

    Path bert(Map<String, Tensor> state) {
        return write("bert-base-uncased/pytorch_model.bin", state);
    }

    static Map<String, Tensor> withoutModel(Map<String, Tensor> opt) {
        var shortened = new LinkedHashMap<String, Tensor>();
        opt.forEach((name, tensor) -> shortened.put(name.replaceFirst("^model\\.", ""), tensor));
        return shortened;
    }

    /** The language model's directory with configuration, tokenizer and weights in one safetensors file. */
    Path opt(Map<String, Tensor> state) {
        var folder = optWithoutWeights();
        SafeTensors.write(folder.resolve("model.safetensors"), state, Map.of("format", "pt"));
        return folder;
    }

    Path optWithoutWeights() {
        var folder = root.resolve("opt-tiny");
        try {
            Files.createDirectories(folder);
            Files.writeString(
                    folder.resolve("config.json"),
                    expected().get("config").get("opt").toString());
            var tokenizer = GoldenCases.sibling(golden.folder(), "j_tokenizers").resolve("opt");
            for (String name : List.of("vocab.json", "merges.txt", "tokenizer_config.json")) {
                if (!Files.exists(folder.resolve(name))) {
                    Files.copy(tokenizer.resolve(name), folder.resolve(name));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return folder;
    }

    /** One shard for each third tensor, with their index. */
    Path optSharded(Map<String, Tensor> state, String base, String ending) {
        var folder = optWithoutWeights();
        var shards = List.of(new LinkedHashMap<String, Tensor>(), new LinkedHashMap<String, Tensor>());
        var index = new ObjectMapper().createObjectNode();
        var map = index.putObject("weight_map");
        state.forEach((name, tensor) -> {
            int shard = map.size() % 3 == 0 ? 1 : 0;
            shards.get(shard).put(name, tensor);
            map.put(name, "%s-0000%d-of-00002.%s".formatted(base, shard + 1, ending));
        });
        for (int i = 0; i < shards.size(); i++) {
            var file = folder.resolve("%s-0000%d-of-00002.%s".formatted(base, i + 1, ending));
            if (ending.equals("safetensors")) {
                SafeTensors.write(file, shards.get(i), Map.of());
            } else {
                Checkpoints.write(file, shards.get(i));
            }
        }
        try {
            Files.writeString(folder.resolve(base + "." + ending + ".index.json"), index.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return folder;
    }

    Path checkpoint(Map<String, Tensor> model) {
        return write("tiny.pth", Map.of("model", new LinkedHashMap<>(model)));
    }

    Path write(String name, Object tree) {
        var file = root.resolve(name);
        try {
            Files.createDirectories(file.resolveSibling("."));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Checkpoints.write(file, tree);
        return file;
    }

    static Map<String, Tensor> half(Map<String, Tensor> state) {
        var halves = new LinkedHashMap<String, Tensor>();
        state.forEach((name, tensor) ->
                halves.put(name, Tensors.dtype(tensor) == ScalarType.Float ? tensor.to(ScalarType.Half) : tensor));
        return halves;
    }

    static Tensor zeros(long... shape) {
        return torch.zeros(shape);
    }
}
