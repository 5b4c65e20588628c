package io.lavis4j.processor;

/**
 * A text processor that asks (InstructBLIP, arXiv:2305.06500, section 2.2): what a data set gives as its text becomes
 * an answer, LAVIS's {@code text_output}, and an instruction that is drawn for the sample its {@code text_input}.
 */
public interface InstructionProcessor extends TextProcessor {

    /**
     * The instruction of a sample.
     *
     * @param question that it puts; empty where there is none, as for captions
     * @param random draws what is random about it
     */
    String instruction(String question, SampleRandom random);

    /**
     * The answer that is learned.
     *
     * @param text as {@link #process} made it
     * @param random draws what is random about it
     */
    default String answer(String text, SampleRandom random) {
        return text;
    }
}
