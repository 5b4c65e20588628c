/** What EVA ViT and CLIP ViT have in common. */
@NullMarked
package io.lavis4j.model.vit;

import org.jspecify.annotations.NullMarked;
