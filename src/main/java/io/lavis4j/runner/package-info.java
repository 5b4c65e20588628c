/**
 * Training and evaluation from a configuration: a {@link io.lavis4j.runner.Job} puts device, data, model and task
 * together, {@link io.lavis4j.runner.RunnerBase} runs its epochs, a {@link io.lavis4j.runner.RunDirectory} holds what
 * comes of it.
 *
 * <p>Parameter groups, optimizer, schedules and checkpoints are LAVIS's, and can be used without a job.
 */
@NullMarked
package io.lavis4j.runner;

import org.jspecify.annotations.NullMarked;
