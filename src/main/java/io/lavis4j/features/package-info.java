/**
 * What a frozen vision encoder makes of images, kept so that it is made once.
 * {@link io.lavis4j.features.VisionFeatures} is all that loaders and training know of it; below it are the keys of
 * views, the types in which features are kept, and stores in memory and on disk.
 */
@NullMarked
package io.lavis4j.features;

import org.jspecify.annotations.NullMarked;
