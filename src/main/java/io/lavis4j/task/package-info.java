/**
 * LAVIS's tasks: a {@link io.lavis4j.task.Task} turns batches into losses and, over a split, into results and scores. A
 * {@link io.lavis4j.task.TaskType} names it, says what it asks of a model, and reads its own keys of the {@code run}
 * section.
 */
@NullMarked
package io.lavis4j.task;

import org.jspecify.annotations.NullMarked;
