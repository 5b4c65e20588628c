/**
 * The outcome of a run as one HTML page that needs nothing else: {@link io.lavis4j.report.RunReport} reads a run's
 * directory and writes it.
 *
 * <p>{@link io.lavis4j.report.Html}, {@link io.lavis4j.report.Chart} and {@link io.lavis4j.report.Thumbnail} make the
 * parts of any page: nothing else in the project makes HTML, curves or images in pages.
 */
@NullMarked
package io.lavis4j.report;

import org.jspecify.annotations.NullMarked;
