package io.lavis4j;

import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.runner.AdamW;
import io.lavis4j.runner.ParameterGroup;
import io.lavis4j.tensor.Devices;
import io.lavis4j.zoo.Blip2OptLoader;
import io.lavis4j.zoo.Blip2OptType;
import io.lavis4j.zoo.WeightFiles;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** The README's example, so that it compiles. */
final class ReadmeExample {

    private ReadmeExample() {}

    static List<String> trainAndCaption(Tensor images, List<String> texts) {
        var device = Devices.of("auto");
        var weights = WeightFiles.in(List.of(Path.of("weights")));
        try (var loaded = new Blip2OptLoader(weights).load(Blip2OptType.published("caption_coco_opt2.7b"), device)) {
            var model = loaded.model();
            var optimizer = new AdamW(ParameterGroup.of(model, model.visualEncoder(), 0.05, 1), 1e-5, 0.999);

            model.train(true);
            try (var step = new PointerScope()) { // frees what the step made
                var loss = model.forward(images, texts); // images (B, 3, S, S), normalised
                model.backward(loss);
                optimizer.step();
                optimizer.zeroGrad();
            }

            model.eval();
            List<String> captions = model.generate(images, GenerationConfig.lavis());
            return captions;
        }
    }
}
