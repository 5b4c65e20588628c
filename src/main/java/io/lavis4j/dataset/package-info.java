/**
 * Data sets and the way from their files to batches on a device.
 *
 * <p>A {@link io.lavis4j.dataset.Dataset} says what to load for a sample; a {@link io.lavis4j.dataset.DataLoader} loads
 * it. Annotations are checked when they are read, pictures when they are needed. Everything random about a sample
 * derives from (seed, epoch, sample index), so that batches depend neither on timing nor on the number of worker
 * threads.
 */
@NullMarked
package io.lavis4j.dataset;

import org.jspecify.annotations.NullMarked;
