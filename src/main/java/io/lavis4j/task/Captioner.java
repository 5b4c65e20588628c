package io.lavis4j.task;

import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.image.RegionMode;
import io.lavis4j.image.Regions;
import io.lavis4j.model.CaptionGenerator;
import io.lavis4j.processor.ImageProcessor;
import io.lavis4j.processor.ImageSize;
import io.lavis4j.processor.ImageTensors;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Trace;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Captions of images. */
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
     * @throws io.lavis4j.image.BrokenImageException if the file is missing or not an image, or a region lies outside of
     *     it
     */
    public List<String> caption(Path file, Regions regions, String prompt) {
        if (!regions.boxes().isEmpty()) {
            ImageSize.of(file).requireSight(regions, file.toString());
        }
        try (var scope = new PointerScope()) {
            var image = ImageTensors.tensor(file, regions, processor, Devices.cpu()); // (1, 3, S, S)
            return caption(image, List.of(prompt)).get(0);
        }
    }

    /**
     * Captions a batch.
     *
     * @param images (B, 3, S, S), float32, as the processor makes them
     * @param prompts B texts that the captions continue
     * @return {@code numReturnSequences} captions of each image
     */
    public List<List<String>> caption(Tensor images, List<String> prompts) {
        model.module().eval();
        try (var span = Trace.span("caption");
                var scope = new PointerScope()) {
            var moved = images.to(model.module().device(), ScalarType.Float);
            var captions = model.generate(moved, prompts, generation);
            int each = generation.numReturnSequences();
            return IntStream.range(0, prompts.size())
                    .mapToObj(b -> captions.subList(b * each, (b + 1) * each))
                    .toList();
        }
    }
}
