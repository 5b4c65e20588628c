/**
 * The querying transformer of BLIP-2 (arXiv:2301.12597, section 3.1).
 *
 * <p>A BERT whose every second layer lets the first Q rows, the learned queries, attend to the image, and whose layers
 * have one feed-forward block for query rows and one for text rows.
 */
@NullMarked
package io.lavis4j.model.qformer;

import org.jspecify.annotations.NullMarked;
