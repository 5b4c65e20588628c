/**
 * Speed of the models in training and generation, measured with JMH and compared with plain matrix products.
 *
 * <p>{@link io.lavis4j.bench.Benchmarks} runs them and prints the table; {@link io.lavis4j.bench.Setting} has the
 * parameters that all share, {@link io.lavis4j.bench.Cost} says what is counted. JMH extends the classes of benchmarks
 * and states, so these are public and not final. {@link io.lavis4j.bench.OurSide} is measured beside other libraries.
 */
@NullMarked
package io.lavis4j.bench;

import org.jspecify.annotations.NullMarked;
