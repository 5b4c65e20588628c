/**
 * BLIP-2 directly on libtorch. Where to start:
 *
 * <ul>
 *   <li>{@link io.lavis4j.zoo.ModelAndPreprocess} loads a model with its processors, by type or by name;
 *   <li>{@link io.lavis4j.task.Captioner} captions image files, {@link io.lavis4j.caption.BulkCaptioner} any number of
 *       them;
 *   <li>{@link io.lavis4j.model} says what a model can do: an ability is an interface;
 *   <li>{@link io.lavis4j.runner.Job} is a configuration put together: training, evaluation;
 *   <li>{@link io.lavis4j.tensor} says who frees tensors.
 * </ul>
 *
 * <p>A package imports those below it only, in this order: {@code cli}, {@code quickstart}, {@code report},
 * {@code runner}, {@code task}, {@code zoo}, {@code model.blip2}, its parts {@code model.evavit}, {@code clipvit},
 * {@code qformer}, {@code opt}, {@code llama} and {@code t5}, {@code model.causal}, {@code dataset}, {@code features},
 * {@code optim}, {@code model}, {@code generate}, {@code processor}, {@code image}, {@code checkpoint}, {@code nn},
 * {@code tensor}; and plain Java: {@code metric}, {@code config}, {@code tokenize}, {@code io}.
 */
@NullMarked
package io.lavis4j;

import org.jspecify.annotations.NullMarked;
