/**
 * Images as Pillow reads, resizes, warps and draws on them, in plain Java: decoders, resampling, marked regions. 8-bit
 * RGB throughout; no libtorch.
 */
@NullMarked
package io.lavis4j.image;

import org.jspecify.annotations.NullMarked;
