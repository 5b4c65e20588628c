package io.lavis4j.task;

import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.image.RegionMode;
import io.lavis4j.image.Regions;
import io.lavis4j.model.CaptionGenerator;
import io.lavis4j.processor.ImageProcessor;
import io.lavis4j.processor.ImageTensors;
import io.lavis4j.tensor.Trace;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;

/** Captions of image files. */
public record Captioner(CaptionGenerator model, ImageProcessor processor, GenerationConfig generation) {

    /** Captions one image from the model's own prompt; see {@link #caption(Path, Regions, String)}. */
    public List<String> caption(Path file) {
        return caption(file, new Regions(List.of(), 0, 0, RegionMode.NONE), model.prompt());
    }

    /**
     * Captions one image.
     *
     * @param regions drawn into it first
     * @param prompt that the captions continue
     * @return {@code numReturnSequences} captions
     * @throws io.lavis4j.image.BrokenImageException if the file is missing or not an image
     */
    public List<String> caption(Path file, Regions regions, String prompt) {
        model.module().eval();
        try (var span = Trace.span("caption");
                var scope = new PointerScope()) {
            var image =
                    ImageTensors.tensor(file, regions, processor, model.module().device()); // (1, 3, S, S)
            return model.generate(image, List.of(prompt), generation);
        }
    }
}
