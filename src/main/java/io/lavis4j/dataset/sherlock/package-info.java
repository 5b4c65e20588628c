/**
 * Sherlock (arXiv:2202.04800): records with marked regions and inferences, how they become samples, and the instances
 * of its leaderboard.
 */
@NullMarked
package io.lavis4j.dataset.sherlock;

import org.jspecify.annotations.NullMarked;
