package io.lavis4j.processor;

import io.lavis4j.config.Section;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Text processors by the names and arguments that LAVIS's configuration files give them. */
public final class TextProcessors {

    private static final int MAX_WORDS = 50;
    private static final String IMAGE = "image";

    private TextProcessors() {}

    /** LAVIS's processors: {@code blip_caption} and {@code blip_instruction} take a prompt. */
    public static final class Lavis implements TextProcessorType.Provider {

        @Override
        public List<TextProcessorType> get() {
            return List.of(
                    new TextProcessorType(
                            "blip_caption",
                            s -> new BlipCaption(s.string("prompt", ""), s.integer("max_words", MAX_WORDS))),
                    new TextProcessorType("blip_question", s -> new BlipQuestion(s.integer("max_words", MAX_WORDS))),
                    new TextProcessorType("blip_instruction", TextProcessors::instruction));
        }
    }

    private static BlipInstruction instruction(Section section) {
        section.check(
                section.string("modality", IMAGE).equals(IMAGE),
                "modality",
                "image, as data sets have images; templates names a file with sentences about anything else");
        var templates = read(section, "templates", InstructionTemplates::read);
        var examples = read(section, "few_shot_examples", InstructionExamples::read);
        return new BlipInstruction(
                section.choice("task", BlipInstruction.Task.CAPTION),
                section.string("prompt", ""),
                section.integer("max_words", MAX_WORDS),
                templates == null ? InstructionTemplates.bundled() : templates,
                new InstructionExamples(
                        examples == null ? List.of() : examples,
                        section.integer("num_few_shot_examples", 0),
                        section.number("few_shot_prob", 0)));
    }

    /** What the file under a key holds, {@code null} where no file is named. */
    private static <T> @Nullable T read(Section section, String key, Function<Path, T> reader) {
        var file = section.file(key);
        try {
            return file == null ? null : reader.apply(file);
        } catch (UncheckedIOException | IllegalArgumentException e) {
            section.problem(key, "cannot be used: " + e.getMessage());
            return null;
        }
    }

    /**
     * Reads {@code name} and the arguments beside it: {@code prompt} and {@code max_words} of {@code blip_caption},
     * {@code max_words} of {@code blip_question}, and of {@code blip_instruction} LAVIS's {@code task}, {@code prompt},
     * {@code max_words}, {@code modality}, which must be {@code image}, and ours: the files {@code templates} and
     * {@code few_shot_examples}, {@code num_few_shot_examples} and {@code few_shot_prob}.
     *
     * @return {@code null} if there was any problem, which {@link Section#requireValid()} will throw
     */
    public static @Nullable TextProcessor read(Section section) {
        var type = TextProcessorType.registry().read(section, "name");
        return type == null ? null : section.read(type.reader());
    }
}
