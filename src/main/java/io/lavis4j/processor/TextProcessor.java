package io.lavis4j.processor;

/** One of LAVIS's text processors, with its arguments. One that asks is an {@link InstructionProcessor}. */
public interface TextProcessor {

    /** The text that the model is given. */
    String process(String text);

    /** The text that every result begins with; may be empty. */
    String prompt();
}
