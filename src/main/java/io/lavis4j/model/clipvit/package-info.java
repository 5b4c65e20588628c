/** CLIP ViT-L/14 (arXiv:2103.00020) as BLIP-2 runs it: 23 of its 24 blocks, no final norm, no projection. */
@NullMarked
package io.lavis4j.model.clipvit;

import org.jspecify.annotations.NullMarked;
