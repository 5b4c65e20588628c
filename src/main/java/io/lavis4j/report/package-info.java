/**
 * A run as one HTML page that needs nothing else: {@link io.lavis4j.report.RunReport} reads a run's directory and
 * writes it.
 *
 * <p>{@link io.lavis4j.report.Html}, {@link io.lavis4j.report.Figures}, {@link io.lavis4j.report.Facts},
 * {@link io.lavis4j.report.Chart}, {@link io.lavis4j.report.Cards}, {@link io.lavis4j.report.Thumbnail} and
 * {@link io.lavis4j.report.GroupTable} make the parts of any page, in the order in which a page has them.
 */
@NullMarked
package io.lavis4j.report;

import org.jspecify.annotations.NullMarked;
