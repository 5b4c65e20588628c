/** Scopes, dtypes, devices and random state: what every layer above needs of libtorch. */
@NullMarked
package io.lavis4j.tensor;

import org.jspecify.annotations.NullMarked;
