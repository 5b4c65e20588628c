/**
 * The contract between models and all that uses them: interfaces and records alone. A
 * {@link io.lavis4j.model.BaseModel} is loaded and run; each ability is an interface with LAVIS's method name, and a
 * task says which ones it needs. A {@link io.lavis4j.model.VisionEncoder} and a
 * {@link io.lavis4j.model.CausalLanguageModel} are the parts that families share.
 *
 * <p>Dimensions: B images, S their side, Q queries, T text tokens, D width.
 */
@NullMarked
package io.lavis4j.model;

import org.jspecify.annotations.NullMarked;
