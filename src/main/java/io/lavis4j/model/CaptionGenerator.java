package io.lavis4j.model;

import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.tokenize.Tokenizer;
import java.util.Collections;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A model that writes texts about images, LAVIS's {@code generate}. */
public interface CaptionGenerator extends BaseModel {

    /**
     * Captions.
     *
     * @param image (B, 3, S, S), float32, on the model's device
     * @param prompts B texts that the captions continue
     * @return {@code numReturnSequences} captions of each image, adjacent
     * @throws IllegalArgumentException if the numbers of images and prompts differ
     */
    List<String> generate(Tensor image, List<String> prompts, GenerationConfig generation);

    /** Captions from one prompt for all images. */
    default List<String> generate(Tensor image, String prompt, GenerationConfig generation) {
        return generate(image, Collections.nCopies((int) image.size(0), prompt), generation);
    }

    /** Captions from {@link #prompt()}. */
    default List<String> generate(Tensor image, GenerationConfig generation) {
        return generate(image, prompt(), generation);
    }

    /** The reference's settings where a caller gives none. */
    default GenerationConfig generateDefaults() {
        return GenerationConfig.lavis();
    }

    /**
     * The tokenizers that read prompts, which the model closes: prompts that are as long in each of them need no
     * padding in one batch. Without any only equal prompts are known not to.
     */
    List<Tokenizer> promptTokenizers();

    /** Text that generation starts with where a sample brings none; may be empty. */
    String prompt();
}
