/**
 * T5 (arXiv:1910.10683) in the form of version 1.1, which Flan-T5 (arXiv:2210.11416) has: the encoder-decoder language
 * model of BLIP-2 and InstructBLIP.
 *
 * <p>Dimensions: B samples, P tokens that the encoder reads, R rows that are decoded, R/B neighbouring ones for each
 * sample, T tokens of a row, D width, H heads, d width of a head, V vocabulary.
 */
@NullMarked
package io.lavis4j.model.t5;

import org.jspecify.annotations.NullMarked;
