/**
 * EVA ViT-g/14 (arXiv:2211.07636) as BLIP-2 runs it: 39 of its 40 blocks and no final norm.
 *
 * <p>Tokens are (B, N+1, D) throughout: patches by row, after the class token.
 */
@NullMarked
package io.lavis4j.model.evavit;

import org.jspecify.annotations.NullMarked;
