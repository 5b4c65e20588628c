/** Event files as TensorBoard reads them, written without its libraries. Plain Java. */
@NullMarked
package io.lavis4j.tensorboard;

import org.jspecify.annotations.NullMarked;
