/**
 * Published models by name: the table of architectures and types, where their weights lie on this machine, and how a
 * whole model is put together from them.
 *
 * <p>A BLIP-2 model is built in LAVIS's order, each file over the one before: vision backbone, BERT into the Q-Former,
 * language model, BLIP-2 checkpoint. What no file holds is initialised if the reference does so, and an error
 * otherwise.
 */
@NullMarked
package io.lavis4j.zoo;

import org.jspecify.annotations.NullMarked;
