package io.lavis4j.model;

import io.lavis4j.dataset.TextCollator;
import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.nn.Module;
import io.lavis4j.tokenize.BatchEncoding;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A model that learns texts about images and writes them: what a captioning task and its runner need of one. */
public interface CaptioningModel {

    /**
     * The training loss.
     *
     * @param image (B, 3, S, S), float32, on the model's device
     * @param textInput B texts
     * @return scalar, float32
     */
    Tensor forward(Tensor image, List<String> textInput);

    /**
     * The training loss of texts that are tokens already.
     *
     * @param image (B, 3, S, S), float32, on the model's device
     * @param tokens of B texts, by {@link #textCollator()}
     * @return the very number that {@link #forward(Tensor, List)} gives for the texts
     */
    Tensor forward(Tensor image, BatchEncoding tokens);

    /** Tokenizes and pads training texts as this model does; for loaders. */
    TextCollator textCollator();

    /** Backward from a loss of {@code forward}, or a multiple of one. */
    void backward(Tensor loss);

    /**
     * Captions.
     *
     * @param image (B, 3, S, S)
     * @param prompts B texts that the captions continue
     * @return {@code numReturnSequences} captions of each image, adjacent
     */
    List<String> generate(Tensor image, List<String> prompts, GenerationConfig generation);

    /** Text that generation starts with where a sample brings none; may be empty. */
    String prompt();

    /** The vision encoder, for parameter groups by layer. */
    VisionEncoder visualEncoder();

    /** The module tree of the whole model. */
    Module module();
}
