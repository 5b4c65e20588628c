/**
 * Training and evaluation from a configuration: a {@link io.lavis4j.runner.Job} puts device, data, model and task
 * together, {@link io.lavis4j.runner.RunnerBase} runs its epochs, a {@link io.lavis4j.runner.RunDirectory} holds what
 * comes of it.
 *
 * <p>Log and checkpoints have LAVIS's form. Optimizer, parameter groups and schedules are in {@link io.lavis4j.optim}.
 */
@NullMarked
package io.lavis4j.runner;

import org.jspecify.annotations.NullMarked;
