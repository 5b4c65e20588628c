/**
 * The command line: {@code train}, {@code evaluate}, {@code caption}, {@code estimate}, {@code doctor}, {@code data},
 * {@code convert}, {@code score}, {@code report}, {@code sherlock}, {@code quickstart}, {@code zoo}.
 *
 * <p>Results go to standard output, logs and progress to standard error. Exit status 0: done; 1: the job failed; 2: the
 * command or the configuration is wrong.
 */
@NullMarked
package io.lavis4j.cli;

import org.jspecify.annotations.NullMarked;
