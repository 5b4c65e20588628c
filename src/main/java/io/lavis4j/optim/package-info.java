/**
 * The change of parameters: AdamW over groups as LAVIS makes them, schedules of the learning rate, the norm of
 * gradients and the scaler of mixed precision. Needs no runner.
 */
@NullMarked
package io.lavis4j.optim;

import org.jspecify.annotations.NullMarked;
