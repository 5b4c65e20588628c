/**
 * Data sets and the way from their files to batches on a device.
 *
 * <p>A {@link io.lavis4j.dataset.Dataset} says what to load for a sample, an {@link io.lavis4j.dataset.EpochSamples}
 * which samples an epoch has; a {@link io.lavis4j.dataset.DataLoader} loads them, several data sets one after the
 * other, and a {@link io.lavis4j.dataset.MixedLoader} takes its batches from several loaders. Annotations are checked
 * when they are read, images when they are needed. Everything random about a sample derives from (seed, epoch, sample
 * index), so that batches depend neither on timing nor on the number of worker threads, and any batch can be the first.
 *
 * <p>Workers decode images into the batch's memory; its texts are prepared as the model takes them, beside the
 * computation. On a GPU the batch is copied beside it too.
 */
@NullMarked
package io.lavis4j.dataset;

import org.jspecify.annotations.NullMarked;
