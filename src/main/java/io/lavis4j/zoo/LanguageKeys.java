package io.lavis4j.zoo;

import io.lavis4j.config.Section;
import io.lavis4j.model.blip2.LanguageStorage;
import io.lavis4j.tensor.Precision;

/**
 * The keys of a {@code model} section that are about how the language model is stored; LAVIS has none.
 *
 * @param llmPrecision storage, and what a GPU computes in
 * @param loadIn8bit weights of layers are stored in int8 as they are loaded, as Hugging Face's
 */
public record LanguageKeys(Precision llmPrecision, boolean loadIn8bit) {

    /** Reads the keys; what is wrong is noted in the section. */
    static LanguageKeys read(Section model, Precision absent) {
        return new LanguageKeys(model.choice("llm_precision", absent), model.flag("load_in_8bit", false));
    }

    /** The same for the model. */
    LanguageStorage storage() {
        return new LanguageStorage(llmPrecision, loadIn8bit);
    }
}
