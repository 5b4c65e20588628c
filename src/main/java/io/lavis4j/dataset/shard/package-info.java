/** Tar shards as WebDataset writes them: which samples lie where, their order through a buffer, and their loading. */
@NullMarked
package io.lavis4j.dataset.shard;

import org.jspecify.annotations.NullMarked;
