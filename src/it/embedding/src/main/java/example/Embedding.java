package example;

import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.model.Texts;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.optim.AdamW;
import io.lavis4j.optim.ParameterGroup;
import io.lavis4j.processor.ImageTensors;
import io.lavis4j.task.Captioner;
import io.lavis4j.tensor.Devices;
import io.lavis4j.zoo.ModelAndPreprocess;
import io.lavis4j.zoo.ModelZoo;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** Captions an image, and trains a step of its own making. */
public final class Embedding {

    private Embedding() {}

    public static void main(String[] arguments) throws IOException {
        var drawn = new BufferedImage(128, 96, BufferedImage.TYPE_INT_RGB);
        var graphics = drawn.createGraphics();
        graphics.setColor(Color.RED);
        graphics.fillOval(40, 30, 40, 40);
        ImageIO.write(drawn, "png", Path.of("image.jpg").toFile()); // an image is known by its content

        caption();
        try (var loaded = ModelAndPreprocess.load(ModelZoo.BLIP2_OPT, "small", Devices.of("auto"));
                var images = ImageTensors.tensor(
                        Path.of("image.jpg"), loaded.visProcessors().eval(), Devices.of("auto"))) {
            trainStep(loaded, images);
        }
    }

    private static void caption() {
        try (var loaded = ModelAndPreprocess.load(ModelZoo.BLIP2_OPT, "small", Devices.of("auto"))) {
            var captioner = new Captioner(loaded.model(), loaded.visProcessors().eval(), GenerationConfig.lavis());
            System.out.println(captioner.caption(Path.of("image.jpg")));
        }
    }

    private static void trainStep(ModelAndPreprocess<Blip2Opt> loaded, Tensor images) {
        var model = loaded.model();
        var texts = Texts.of(List.of(loaded.txtProcessors().train().process("Someone who likes red is enjoying the wind.")));
        model.train(true);
        try (var optimizer = new AdamW(ParameterGroup.of(model, model.visualEncoder(), 0.05, 1), 1e-3, 0.999);
                var step = new PointerScope()) { // frees what the step made
            var loss = model.forward(images, texts).total();
            model.backward(loss);
            optimizer.step();
            optimizer.zeroGrad();
        }
    }
}
