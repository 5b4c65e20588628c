package io.lavis4j.task;

import io.lavis4j.config.Registry;
import io.lavis4j.config.Section;
import io.lavis4j.model.BaseModel;
import io.lavis4j.model.TrainableModel;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A kind of task, and what it asks of a model.
 *
 * @param name as in {@code run.task}
 * @param needs abilities that a model must have
 * @param reader of the task's own keys of the {@code run} section, which has the runner's too
 */
public record TaskType(String name, List<Class<? extends BaseModel>> needs, Function<Section, Task> reader) {

    /** Names tasks of a jar; listed in its {@code META-INF/services/io.lavis4j.task.TaskType$Provider}. */
    public interface Provider extends Supplier<List<TaskType>> {}

    /** This library's own tasks. */
    public static final class BuiltIn implements Provider {

        @Override
        public List<TaskType> get() {
            return List.of(CaptioningTask.TYPE, ImageTextPretrainTask.TYPE, RetrievalTask.TYPE);
        }
    }

    public TaskType {
        needs = List.copyOf(needs);
    }

    /** All kinds on the class path. */
    public static Registry<TaskType> registry() {
        return Registry.of("task", Provider.class, TaskType::name);
    }

    /**
     * Names of the abilities that models of a class lack for this task; empty if they can do it.
     *
     * @param training whether they are to be trained, too
     */
    public List<String> lacking(Class<? extends BaseModel> model, boolean training) {
        return Stream.concat(needs.stream(), training ? Stream.of(TrainableModel.class) : Stream.empty())
                .distinct()
                .filter(need -> !need.isAssignableFrom(model))
                .map(Class::getSimpleName)
                .toList();
    }
}
