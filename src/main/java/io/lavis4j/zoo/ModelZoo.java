package io.lavis4j.zoo;

import io.lavis4j.config.Registry;
import io.lavis4j.config.Section;
import io.lavis4j.model.BaseModel;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.model.blip2.Blip2Qformer;
import io.lavis4j.model.blip2.Blip2T5;
import io.lavis4j.model.blip2.Blip2T5Instruct;
import io.lavis4j.model.blip2.Blip2VicunaInstruct;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The table of architectures and their published types; {@link #toString()} prints it as LAVIS does. */
public final class ModelZoo implements Iterable<Architecture<?>> {

    /** {@code blip2_opt}. */
    public static final Architecture<Blip2Opt> BLIP2_OPT = Blip2OptType.ARCHITECTURE;

    /** {@code blip2_t5}. */
    public static final Architecture<Blip2T5> BLIP2_T5 = Blip2T5Type.ARCHITECTURE;

    /** {@code blip2_feature_extractor}. */
    public static final Architecture<Blip2Qformer> BLIP2_FEATURE_EXTRACTOR = Blip2QformerType.FEATURE_EXTRACTOR;

    /** {@code blip2}, the first stage. */
    public static final Architecture<Blip2Qformer> BLIP2 = Blip2QformerType.BLIP2;

    /** {@code blip2_image_text_matching}. */
    public static final Architecture<Blip2Qformer> BLIP2_IMAGE_TEXT_MATCHING = Blip2QformerType.IMAGE_TEXT_MATCHING;

    /** {@code blip2_vicuna_instruct}. */
    public static final Architecture<Blip2VicunaInstruct> BLIP2_VICUNA_INSTRUCT = Blip2VicunaInstructType.ARCHITECTURE;

    /** {@code blip2_t5_instruct}. */
    public static final Architecture<Blip2T5Instruct> BLIP2_T5_INSTRUCT = Blip2T5InstructType.ARCHITECTURE;

    private static final int NAME_COLUMNS = 30;
    private static final String RULE = "=".repeat(50);

    private final Registry<Architecture<?>> architectures =
            Registry.of("architecture", Architecture.Provider.class, Architecture::name);

    /** This library's own rows. */
    public static final class Rows implements Architecture.Provider {

        @Override
        public List<Architecture<?>> get() {
            return List.of(
                    BLIP2_OPT,
                    BLIP2_T5,
                    BLIP2_FEATURE_EXTRACTOR,
                    BLIP2,
                    BLIP2_IMAGE_TEXT_MATCHING,
                    BLIP2_T5_INSTRUCT,
                    BLIP2_VICUNA_INSTRUCT);
        }
    }

    /** The rows in order, then those of other jars. */
    @Override
    public Iterator<Architecture<?>> iterator() {
        return architectures.entries().iterator();
    }

    /** Number of published types of all architectures together. */
    public int size() {
        return architectures.entries().stream()
                .mapToInt(architecture -> architecture.published().size())
                .sum();
    }

    /** The architecture of a {@code model} section; {@code null} if there is none of its name, which is noted there. */
    public @Nullable Architecture<?> read(Section model) {
        return architectures.read(model, "arch");
    }

    /**
     * An architecture by name.
     *
     * @throws IllegalArgumentException if there is none of this name
     */
    public Architecture<? extends BaseModel> get(String name) {
        return architectures.get(name);
    }

    @Override
    public String toString() {
        String rows = architectures.entries().stream()
                .map(row -> row(row.name(), String.join(", ", row.published())))
                .collect(Collectors.joining("\n"));
        return String.join("\n", RULE, row("Architectures", "Types"), RULE, rows);
    }

    private static String row(String name, String types) {
        return ("%-" + NAME_COLUMNS + "s %s").formatted(name, types);
    }
}
