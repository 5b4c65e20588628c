/**
 * Published scores of BLIP-2 and what it takes to have them here: {@link io.lavis4j.reproduce.PublishedResults} is the
 * table, {@link io.lavis4j.reproduce.NeededFile} what a result's configuration needs on disk,
 * {@link io.lavis4j.reproduce.Rerun} the comparison of a run with it.
 */
@NullMarked
package io.lavis4j.reproduce;

import org.jspecify.annotations.NullMarked;
