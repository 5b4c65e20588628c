package io.lavis4j.model.blip2;

import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.model.opt.Opt;
import io.lavis4j.tensor.Autocast;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tokenize.BatchEncoding;
import io.lavis4j.tokenize.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * BLIP-2 with OPT.
 *
 * <p>It learns captions: each ends with a line break, which ends captions too, and is cut at {@code maxTxtLen} tokens;
 * the loss is the mean cross-entropy of the words after the prompt, with which texts should begin. Prompts are cut,
 * too, lengths of generation count one token before the first word, as the reference's do, and captions come without
 * surrounding white space.
 */
public final class Blip2Opt extends Blip2ConditionalGeneration<Blip2OptConfig, Opt> {

    /**
     * A model with unset parameters on a device, to be filled by {@link #load} or {@link #initialize()}.
     *
     * @param tokenizer of the OPT model, which this model closes
     * @throws IllegalArgumentException if it has more tokens than the OPT model, or the prompt leaves no token of
     *     {@code maxTxtLen} to a text
     */
    public Blip2Opt(Blip2OptConfig config, Tokenizer tokenizer, Device device) {
        super(config, new FrozenOpt(config, tokenizer), null, device);
    }

    /** A model with the tokenizer in a folder, which it closes. */
    public static Blip2Opt open(Blip2OptConfig config, Path folder, Device device) {
        return open(Tokenizer.opt(folder), null, (tokenizer, none) -> new Blip2Opt(config, tokenizer, device));
    }

    /** In mixed precision, too, as in the reference. */
    @Override
    Tensor queriesForInference(Tensor image, @Nullable BatchEncoding read) {
        return Scopes.keep(() -> {
            try (var amp = Autocast.ofModel(image.device(), precision())) {
                return queries(image, read);
            }
        });
    }

    /** The greatest length counts new tokens alone. */
    @Override
    public List<String> predictAnswers(
            Tensor image, List<String> questions, String prompt, GenerationConfig generation) {
        return super.predictAnswers(image, questions, prompt, generation.withMaxLength(generation.maxLength() + 1));
    }

    /** Five beams, up to 10 tokens, no length penalty. */
    @Override
    public GenerationConfig answerDefaults() {
        return GenerationConfig.lavis().withMaxLength(10).withLengthPenalty(0);
    }
}
