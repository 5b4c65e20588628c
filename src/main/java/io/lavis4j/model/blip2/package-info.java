/**
 * BLIP-2 (arXiv:2301.12597): a vision encoder, a Q-Former and a language model that is not trained.
 *
 * <p>Dimensions: B images, N image tokens, Q queries, T text tokens, L = Q + T, V vocabulary.
 */
@NullMarked
package io.lavis4j.model.blip2;

import org.jspecify.annotations.NullMarked;
