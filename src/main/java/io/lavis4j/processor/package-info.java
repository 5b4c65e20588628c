/**
 * From image files to normalised pixels and from captions to model text, as LAVIS's processors and Pillow do it.
 *
 * <p>Images are 8-bit RGB until the last step. What is random about a sample comes from
 * {@link io.lavis4j.processor.SampleRandom}, so that a sample's pixels depend on nothing but its draws.
 */
@NullMarked
package io.lavis4j.processor;

import org.jspecify.annotations.NullMarked;
