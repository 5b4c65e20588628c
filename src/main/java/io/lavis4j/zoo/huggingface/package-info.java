/**
 * Folders that Hugging Face's {@code save_pretrained} writes, read and written: {@code Blip2ForConditionalGeneration}
 * with OPT or T5, {@code InstructBlipForConditionalGeneration} with T5 or Vicuna, {@code Blip2ForImageTextRetrieval}.
 *
 * <p>Layouts of transformers 4 and 5 are read, that of 5 is written. Names are translated by one table in both
 * directions.
 */
@NullMarked
package io.lavis4j.zoo.huggingface;

import org.jspecify.annotations.NullMarked;
