/**
 * Sherlock's official tasks: {@link io.lavis4j.task.sherlock.SherlockScorer} gives a model's scores for instances, and
 * {@link io.lavis4j.task.sherlock.SherlockSubmission} makes of them what the leaderboard takes.
 */
@NullMarked
package io.lavis4j.task.sherlock;

import org.jspecify.annotations.NullMarked;
