/**
 * What a model is trained for and judged by: a {@link io.lavis4j.task.Task} turns batches into losses and, over a split, into
 * results and scores.
 */
@NullMarked
package io.lavis4j.task;

import org.jspecify.annotations.NullMarked;
