/** Training: parameter groups, optimizer and learning-rate schedules, each as LAVIS has it. */
@NullMarked
package io.lavis4j.runner;

import org.jspecify.annotations.NullMarked;
