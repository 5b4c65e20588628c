/** The processes of one run on libtorch's c10d: who they are, and what they tell one another. */
@NullMarked
package io.lavis4j.distributed;

import org.jspecify.annotations.NullMarked;
