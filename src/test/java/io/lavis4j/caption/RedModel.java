package io.lavis4j.caption;

import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.image.RgbImage;
import io.lavis4j.model.CaptionGenerator;
import io.lavis4j.model.VisionEncoder;
import io.lavis4j.nn.Linear;
import io.lavis4j.nn.Module;
import io.lavis4j.processor.ImageProcessor;
import io.lavis4j.processor.SampleRandom;
import io.lavis4j.task.Captioner;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tokenize.Tokenizer;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.bytedeco.pytorch.Tensor;

/**
 * A model that says how red the one pixel of an image is, after the prompt: {@code "a,7"}. It keeps the prompts of each
 * batch.
 */
final class RedModel extends Module implements CaptionGenerator, ImageProcessor {

    final List<List<String>> batches = new ArrayList<>();
    private final List<Tokenizer> tokenizers;

    /** @param tokenizers not closed by this model */
    RedModel(Tokenizer... tokenizers) {
        this.tokenizers = List.of(tokenizers);
        RandomState.seed(1);
        child("linear", new Linear(1, 1, true)).initialize();
    }

    /** Two captions where two are asked for; the second ends with an exclamation mark. */
    Captioner captioner(int captions) {
        return new Captioner(
                this, this, GenerationConfig.lavis().withNumBeams(2).withNumReturnSequences(captions));
    }

    /** Writes an image of one pixel. */
    static Path image(Path file, int red) {
        var image = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, red << 16);
        try (var out = Files.newOutputStream(file)) {
            ImageIO.write(image, "png", out);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public int imageSize() {
        return 1;
    }

    @Override
    public void process(RgbImage image, SampleRandom random, FloatBuffer out) {
        out.put(image.pixels()[0] & 0xff).put(0).put(0);
    }

    @Override
    public List<String> generate(Tensor image, List<String> prompts, GenerationConfig generation) {
        batches.add(prompts);
        float[] numbers = Tensors.floats(image);
        return IntStream.range(0, prompts.size() * generation.numReturnSequences())
                .mapToObj(i -> {
                    int b = i / generation.numReturnSequences();
                    return prompts.get(b) + "," + (int) numbers[3 * b]
                            + "!".repeat(i % generation.numReturnSequences());
                })
                .toList();
    }

    @Override
    public List<Tokenizer> promptTokenizers() {
        return tokenizers;
    }

    @Override
    public String prompt() {
        return "";
    }

    @Override
    public Module module() {
        return this;
    }

    @Override
    public VisionEncoder visualEncoder() {
        throw new UnsupportedOperationException("it has none");
    }

    @Override
    public void initializeUnset() {}
}
