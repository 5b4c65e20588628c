package io.lavis4j.model;

import static io.lavis4j.io.Arguments.require;

import io.lavis4j.nn.Module;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * A whole model, as loading and runners see it. An ability is an interface of its own: a task asks for those that it
 * needs, and a model has those of its LAVIS class.
 */
public interface BaseModel extends AutoCloseable {

    /** The vision encoder, for parameter groups by layer. */
    VisionEncoder visualEncoder();

    /** The module tree of the whole model. */
    Module module();

    /** Fills unset parameters as the reference does before anything is loaded; set ones are left alone. */
    void initializeUnset();

    /**
     * This model by one of its abilities.
     *
     * @param ability an interface of this package
     * @throws IllegalArgumentException if it cannot do that; the message says what it can
     */
    default <A> A as(Class<A> ability) {
        require(
                ability.isInstance(this),
                "%s does not have the ability %s, it has %s",
                getClass().getSimpleName(),
                ability.getSimpleName(),
                abilities(getClass()));
        return ability.cast(this);
    }

    /** Names of what models of a class can do: those of the interfaces that extend this one. */
    static List<String> abilities(Class<? extends BaseModel> model) {
        return types(model)
                .filter(type -> type.isInterface() && type != model && type != BaseModel.class)
                .filter(BaseModel.class::isAssignableFrom)
                .map(Class::getSimpleName)
                .distinct()
                .sorted()
                .toList();
    }

    private static Stream<Class<?>> types(Class<?> type) {
        var parents = Stream.concat(Stream.ofNullable(type.getSuperclass()), Arrays.stream(type.getInterfaces()));
        return Stream.concat(Stream.of(type), parents.flatMap(BaseModel::types));
    }

    /** Frees the parameters, and what the model owns besides. */
    @Override
    void close();
}
