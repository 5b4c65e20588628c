/**
 * BLIP-2 (arXiv:2301.12597): a vision encoder, a Q-Former and a language model that is not trained.
 *
 * <p>All models are {@link io.lavis4j.model.blip2.Blip2Base}: a bridge from images to query outputs. The first stage is
 * {@link io.lavis4j.model.blip2.Blip2Qformer}; the second, {@link io.lavis4j.model.blip2.Blip2ConditionalGeneration},
 * is the same for every language model but for how that cuts, joins and ends texts, a {@code FrozenLanguageModel}.
 *
 * <p>Dimensions: B images, N image tokens, Q queries, T text tokens, L = Q + T, V vocabulary.
 */
@NullMarked
package io.lavis4j.model.blip2;

import org.jspecify.annotations.NullMarked;
