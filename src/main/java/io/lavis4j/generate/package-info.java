/** Greedy decoding, beam search and sampling over any {@link io.lavis4j.generate.Decoder}. */
@NullMarked
package io.lavis4j.generate;

import org.jspecify.annotations.NullMarked;
