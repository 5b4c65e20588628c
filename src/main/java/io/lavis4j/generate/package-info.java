/**
 * Greedy decoding, beam search and sampling over any {@link io.lavis4j.generate.Decoder}, with the semantics of Hugging
 * Face transformers 4.33, on which the published results of LAVIS rest.
 */
@NullMarked
package io.lavis4j.generate;

import org.jspecify.annotations.NullMarked;
