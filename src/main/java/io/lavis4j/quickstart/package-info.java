/**
 * A first run of everything, in minutes and without downloads: a drawn corpus in Sherlock's layout, the small language
 * model that is bundled for it, and a report.
 *
 * <p>An image shows two objects of different colours in one place. The inference about an object depends on its colour
 * and on the place, a {@link io.lavis4j.quickstart.Pair}; which object is meant, only the highlighted region says. A
 * quarter of the pairs is never trained on.
 */
@NullMarked
package io.lavis4j.quickstart;

import org.jspecify.annotations.NullMarked;
