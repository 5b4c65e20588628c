package io.lavis4j.dataset.sherlock;

import io.lavis4j.processor.InstructionProcessor;
import io.lavis4j.processor.TextProcessor;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The shipped mappings of Sherlock records; the names in lower case are the values of {@code mapper}. */
public enum SherlockMapper implements SampleMapper {
    /** The image with its regions gives the inference; the text is the text processor's. */
    INFERENCE {
        @Override
        public String textInput(SherlockRecord record, TextProcessor text) {
            return text.process(record.inference());
        }
    },

    /**
     * The image gives clue and inference, as {@code Clue: <clue> Inference: <inference>}, both cleaned by the text
     * processor, whose own prompt is not used. The reference has both, which the key {@code text_parts} of captioning
     * tells apart.
     */
    CLUE_INFERENCE {
        @Override
        public String textInput(SherlockRecord record, TextProcessor text) {
            return promptWithClue(record, text) + " " + cleaned(record.inference(), text);
        }

        @Override
        public String textStart(TextProcessor text) {
            return CLUE;
        }

        @Override
        public String reference(SherlockRecord record) {
            return "%s %s %s %s".formatted(CLUE, record.clue(), INFERENCE_LABEL, record.inference());
        }

        @Override
        public @Nullable String lacks(SherlockRecord record) {
            return lacksClue(record);
        }
    },

    /**
     * Image and clue give the inference: the text of {@link #CLUE_INFERENCE}, generated from {@code Inference:} on.
     * With an {@link InstructionProcessor} the text up to there is the instruction, and the inference is the answer.
     */
    INFERENCE_GIVEN_CLUE {
        @Override
        public String textInput(SherlockRecord record, TextProcessor text) {
            return text instanceof InstructionProcessor
                    ? promptWithClue(record, text)
                    : CLUE_INFERENCE.textInput(record, text);
        }

        @Override
        public @Nullable String textOutput(SherlockRecord record, TextProcessor text) {
            return text instanceof InstructionProcessor ? cleaned(record.inference(), text) : null;
        }

        @Override
        public String prompt(SherlockRecord record, TextProcessor text) {
            return promptWithClue(record, text);
        }

        @Override
        public String textStart(TextProcessor text) {
            return CLUE;
        }

        @Override
        public @Nullable String lacks(SherlockRecord record) {
            return lacksClue(record);
        }
    };

    private static final String CLUE = "Clue:";
    private static final String INFERENCE_LABEL = "Inference:";

    private static String promptWithClue(SherlockRecord record, TextProcessor text) {
        String clue = record.clue();
        if (clue == null) {
            throw new IllegalArgumentException("expected a record with a clue, got " + record.instanceId());
        }
        return CLUE + " " + cleaned(clue, text) + " " + INFERENCE_LABEL;
    }

    private static String cleaned(String words, TextProcessor text) {
        return text.process(words).substring(text.prompt().length());
    }

    private static @Nullable String lacksClue(SherlockRecord record) {
        String clue = record.clue();
        return clue == null || clue.isBlank() ? "inputs.clue" : null;
    }

    /** The value of {@code mapper}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
