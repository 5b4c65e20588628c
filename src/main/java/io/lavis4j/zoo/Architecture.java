package io.lavis4j.zoo;

import io.lavis4j.config.Configuration;
import io.lavis4j.config.Section;
import io.lavis4j.model.BaseModel;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A model class under its LAVIS name, one row of {@link ModelZoo}.
 *
 * @param <M> the models
 * @param name as in {@code model.arch}
 * @param model class of the models; its interfaces are what they can do
 * @param reader of a {@code model} section that has its type's defaults
 * @param published names of the published types, as in {@code model.model_type}, in LAVIS's order
 */
public record Architecture<M extends BaseModel>(
        String name, Class<M> model, Function<Section, ModelType<M>> reader, List<String> published) {

    /** Names architectures of a jar; listed in its {@code META-INF/services/io.lavis4j.zoo.Architecture$Provider}. */
    public interface Provider extends Supplier<List<Architecture<?>>> {}

    public Architecture {
        published = List.copyOf(published);
    }

    /**
     * A type by its default file {@code configs/model/ARCHITECTURE_TYPE.yaml}; there may be more of these than the
     * published.
     *
     * @throws io.lavis4j.config.ConfigException if there is no such file; the message names those that there are
     */
    public ModelType<M> type(String type) {
        var section = Configuration.model(name, type).section("model");
        var read = read(section);
        section.requireValid();
        return Section.present(read);
    }

    /**
     * Reads a {@code model} section; what is wrong is noted in it.
     *
     * @return {@code null} if anything is
     */
    public @Nullable ModelType<M> read(Section model) {
        return model.read(section -> {
            section.check(section.string("arch", name).equals(name), "arch", name);
            section.ignore("model_type"); // has chosen the file that this section was merged from
            return reader.apply(section);
        });
    }
}
