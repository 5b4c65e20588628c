/**
 * LLaMA (arXiv:2302.13971) and Vicuna, which has its shape: the decoder-only language model of InstructBLIP.
 *
 * <p>Dimensions: B rows, T tokens, D width, H heads, K heads of keys and values, d width of a head, V vocabulary.
 */
@NullMarked
package io.lavis4j.model.llama;

import org.jspecify.annotations.NullMarked;
