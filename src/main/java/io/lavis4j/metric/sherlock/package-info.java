/**
 * Sherlock's official tasks (arXiv:2202.04800, section 4): retrieval, localization and comparison; their scores from
 * answer keys and predictions, and the files of a submission to the leaderboard.
 *
 * <p>A prediction is one number for each triple of image, region and inference, named by its test id; higher means that
 * the inference fits better. In a file the numbers stand in the order of the sorted test ids, as a one-dimensional
 * {@code .npy} array, or as a JSON object from test id to number. {@link io.lavis4j.metric.sherlock.AnswerKey} reads
 * the published answer keys of all three tasks and tells them apart by their content.
 */
@NullMarked
package io.lavis4j.metric.sherlock;

import org.jspecify.annotations.NullMarked;
