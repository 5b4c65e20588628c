/**
 * The module tree, and the layers, attention, caches and losses that the models are made of.
 *
 * <p>A module names its parameters as the reference checkpoint does, so weight path = module path = checkpoint key.
 * Constructors take plain numbers and leave parameters unset; a model is then filled by
 * {@link io.lavis4j.nn.Module#load loading} or by its own initialisation.
 */
@NullMarked
package io.lavis4j.nn;

import org.jspecify.annotations.NullMarked;
