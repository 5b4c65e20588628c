package example;

import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.processor.ImageTensors;
import io.lavis4j.optim.AdamW;
import io.lavis4j.optim.ParameterGroup;
import io.lavis4j.tensor.Devices;
import io.lavis4j.zoo.ModelAndPreprocess;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.bytedeco.javacpp.PointerScope;

/** Trains a step of its own making and captions an image. */
public final class Embedding {

    private Embedding() {}

    public static void main(String[] arguments) throws IOException {
        var image = Path.of(arguments[0], "image.png");
        var drawn = new BufferedImage(128, 96, BufferedImage.TYPE_INT_RGB);
        var graphics = drawn.createGraphics();
        graphics.setColor(Color.RED);
        graphics.fillOval(40, 30, 40, 40);
        ImageIO.write(drawn, "png", image.toFile());

        var captions = trainAndCaption(image);
        if (captions.size() != 1) {
            throw new IllegalStateException("expected one caption, got " + captions);
        }
    }

    private static List<String> trainAndCaption(Path image) {
        var device = Devices.of("auto");
        try (var loaded = ModelAndPreprocess.load("blip2_opt", "small", device);
                var images = ImageTensors.tensor(image, loaded.visProcessors().eval(), device)) {
            var model = loaded.model();
            var texts = List.of(loaded.txtProcessors().train().process("Someone who likes red is enjoying the wind."));

            model.train(true);
            try (var optimizer = new AdamW(ParameterGroup.of(model, model.visualEncoder(), 0.05, 1), 1e-3, 0.999);
                    var step = new PointerScope()) { // frees what the step made
                var loss = model.forward(images, texts);
                model.backward(loss);
                optimizer.step();
                optimizer.zeroGrad();
            }

            model.eval();
            return model.generate(images, GenerationConfig.lavis());
        }
    }
}
