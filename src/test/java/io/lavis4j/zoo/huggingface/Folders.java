package io.lavis4j.zoo.huggingface;

import io.lavis4j.golden.Golden;
import io.lavis4j.golden.GoldenCases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Folders as Hugging Face's classes write them, with tokenizers that belong to their models. */
final class Folders {

    private Folders() {}

    /** The folder of a case, with tokenizers, and with the weights of the case that it shares them with. */
    static Path ofCase(Golden golden, Path folder) throws IOException {
        Files.createDirectories(folder);
        var from = golden.has("model.safetensors")
                ? golden.folder()
                : GoldenCases.sibling(golden.folder(), "f_hf_blip2_opt");
        Files.copy(golden.folder().resolve("config.json"), folder.resolve("config.json"));
        Files.copy(from.resolve("model.safetensors"), folder.resolve("model.safetensors"));
        var config = golden.json("config.json");
        tokenizer(config.path("text_config").path("model_type").asText("opt"), folder);
        if (config.path("model_type").asText().equals("instructblip")) {
            tokenizer("bert", folder.resolve("qformer_tokenizer"));
        }
        return folder;
    }

    /** The files of a tokenizer, named as its folder among the cases. */
    static void tokenizer(String name, Path folder) throws IOException {
        Files.createDirectories(folder);
        var from = GoldenCases.of("j_tokenizers").get(0).resolve(name);
        try (var files = Files.list(from)) {
            for (var file : files.toList()) {
                if (!file.endsWith("expected.json")) {
                    Files.copy(file, folder.resolve(file.getFileName()));
                }
            }
        }
    }
}
