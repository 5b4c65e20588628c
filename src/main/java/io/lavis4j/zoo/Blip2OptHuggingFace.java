package io.lavis4j.zoo;

import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.model.blip2.HuggingFaceBlip2;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.Device;

/**
 * The model in a folder that Hugging Face's {@code Blip2ForConditionalGeneration} with OPT was saved to:
 * {@code config.json}, weights in one file or shards, and OPT's tokenizer files.
 *
 * @param folder from {@link WeightFiles#model}
 * @param prompt text that generation starts with; may be empty
 */
public record Blip2OptHuggingFace(Path folder, String prompt) implements ModelType<Blip2Opt> {

    private static final String PART = "Hugging Face model";

    @Override
    public List<WeightSource<Blip2Opt>> sources() {
        return List.of(new WeightSource<>(
                PART,
                folder.toAbsolutePath().toString(),
                WeightSource.Lookup.MODEL,
                "",
                model -> model,
                (state, model) -> HuggingFaceBlip2.fit(state)));
    }

    @Override
    public Blip2Opt create(LocatedWeights files, Device device) {
        var found = files.of(PART);
        return Blip2Opt.open(HuggingFaceBlip2.config(found, prompt), found, device);
    }

    /** The folder holds the whole model. */
    @Override
    public boolean isNew(String parameter) {
        return false;
    }

    @Override
    public int imageSize() {
        return HuggingFaceBlip2.config(folder, prompt).blip2().vision().imageSize();
    }
}
