/**
 * The health of a machine and a job before anything is trained: what is there, what is missing, and what to do about
 * it.
 *
 * <p>A check finds facts, each on one line, and goes on where another fails: even without libtorch the rest is said.
 */
@NullMarked
package io.lavis4j.doctor;

import org.jspecify.annotations.NullMarked;
