/**
 * Captions of any number of images: a stream of images in a lasting order, which loader threads read ahead of the
 * model, in batches without padding, to a file of rows or to texts beside the images. A job that was killed goes on
 * after what is written. Memory depends on the size of a batch and, of folders, on the names in one.
 */
@NullMarked
package io.lavis4j.caption;

import org.jspecify.annotations.NullMarked;
