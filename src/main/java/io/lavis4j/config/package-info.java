/**
 * Configuration as LAVIS writes it: YAML files, merged, overridden by dotted options, and read strictly.
 *
 * <p>A {@link io.lavis4j.config.Configuration} is the merged tree of a run, a {@link io.lavis4j.config.Section} one map
 * of it. Whoever owns a setting reads it from there into a record of its own; this package knows none of them. Reading
 * does not stop at the first problem: all are collected and thrown together as one
 * {@link io.lavis4j.config.ConfigException}, before anything is loaded.
 */
@NullMarked
package io.lavis4j.config;

import org.jspecify.annotations.NullMarked;
