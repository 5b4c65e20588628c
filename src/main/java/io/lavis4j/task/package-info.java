/**
 * What a model is trained for and judged by, LAVIS's tasks: a {@link io.lavis4j.task.Task} turns batches into losses
 * and, over a split, into results and scores. A task reads its own keys of the {@code run} section.
 */
@NullMarked
package io.lavis4j.task;

import org.jspecify.annotations.NullMarked;
