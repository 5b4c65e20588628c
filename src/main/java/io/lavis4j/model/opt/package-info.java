/**
 * OPT (arXiv:2205.01068), the decoder-only language model of BLIP-2.
 *
 * <p>Dimensions: T tokens, D width, H heads, V vocabulary, P prefix tokens, R rows that continue prefixes.
 */
@NullMarked
package io.lavis4j.model.opt;

import org.jspecify.annotations.NullMarked;
