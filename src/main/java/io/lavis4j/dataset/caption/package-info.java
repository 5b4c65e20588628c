/**
 * Images and captions in the form of BLIP's and LAVIS's annotation files, lists of {@code image} and {@code caption}:
 * to learn and judge captions, to pre-train on pairs, and to retrieve images and texts for one another.
 */
@NullMarked
package io.lavis4j.dataset.caption;

import org.jspecify.annotations.NullMarked;
