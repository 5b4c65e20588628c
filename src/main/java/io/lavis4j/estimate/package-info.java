/**
 * The memory that a job of any model needs, from shapes alone: nothing is allocated and no weights are read.
 *
 * <p>Parameters are counted in the modules themselves. What a forward pass keeps for backward, and what is there at
 * once, is a formula per kind of part, whose terms are the tensors that its {@code forward} makes: change both
 * together. Numbers are bytes; B samples, T tokens of a row, D width, F width inside the feed-forward block, H heads.
 */
@NullMarked
package io.lavis4j.estimate;

import org.jspecify.annotations.NullMarked;
