/**
 * Decoder-only transformers by their parts, and what they have in common: a pass over whole rows, a cache for writing,
 * and a prefix for texts that are scored.
 *
 * <p>Dimensions: B rows, T tokens, P prefix tokens, R rows that continue prefixes, D width, W width of the word table,
 * H heads, K heads of keys and values, d width of a head, V vocabulary.
 */
@NullMarked
package io.lavis4j.model.causal;

import org.jspecify.annotations.NullMarked;
