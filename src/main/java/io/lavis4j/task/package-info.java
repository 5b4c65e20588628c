/**
 * What a model is asked to do with the samples of a split, and how the results are judged: LAVIS's tasks.
 *
 * <p>A task reads its own keys of the {@code run} section.
 */
@NullMarked
package io.lavis4j.task;

import org.jspecify.annotations.NullMarked;
