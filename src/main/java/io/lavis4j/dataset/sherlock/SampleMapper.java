package io.lavis4j.dataset.sherlock;

import io.lavis4j.image.RegionMode;
import io.lavis4j.image.Regions;
import io.lavis4j.processor.InstructionProcessor;
import io.lavis4j.processor.TextProcessor;
import org.jspecify.annotations.Nullable;

/**
 * The way from a record to a sample: the fields, texts and regions that the model is given. {@link SherlockMapper} has
 * the usual ones; another is a lambda for {@link #textInput}, or a class where more is to change. Pure functions,
 * called by several threads.
 */
@FunctionalInterface
public interface SampleMapper {

    /**
     * The text that the model learns, as it is tokenized.
     *
     * @param text the configured text processor: {@code text.process(record.inference())} cleans the inference and puts
     *     the processor's prompt before it
     */
    String textInput(SherlockRecord record, TextProcessor text);

    /**
     * The answer that the model learns, where {@link #textInput} is what it answers; {@code null} for none, with which
     * an {@link InstructionProcessor} takes {@code textInput} for the answer.
     */
    default @Nullable String textOutput(SherlockRecord record, TextProcessor text) {
        return null;
    }

    /** Whether samples have an answer: one of {@link #textOutput}, or because the text processor asks. */
    default boolean hasTextOutput(TextProcessor text) {
        return text instanceof InstructionProcessor;
    }

    /** The text that every {@link #textInput} begins with: the text processor's prompt, or another; may be empty. */
    default String textStart(TextProcessor text) {
        return text.prompt();
    }

    /**
     * The text that generation starts from, in the form that {@link #textInput} has; {@code null} for the model's own
     * prompt.
     */
    default @Nullable String prompt(SherlockRecord record, TextProcessor text) {
        return null;
    }

    /** The text that a generated one is compared with. */
    default String reference(SherlockRecord record) {
        return record.inference();
    }

    /** The regions to draw into the image. */
    default Regions regions(SherlockRecord record, RegionMode mode) {
        return new Regions(record.boxes(), record.width(), record.height(), mode);
    }

    /** The field that the record lacks, if it cannot be mapped: {@code {"inputs.clue"}}; else {@code null}. */
    default @Nullable String lacks(SherlockRecord record) {
        return null;
    }
}
