/**
 * What a model is trained for and judged by, LAVIS's tasks: a {@link io.lavis4j.task.Task} turns batches into losses
 * and, over a split, into results and scores. A task reads its own keys of the {@code run} section.
 *
 * <p>{@link io.lavis4j.task.SherlockScorer} gives a model's scores for Sherlock's official tasks, and
 * {@link io.lavis4j.task.SherlockSubmission} makes of them what the leaderboard takes.
 */
@NullMarked
package io.lavis4j.task;

import org.jspecify.annotations.NullMarked;
