/** The CUDA path on a runtime without a GPU: {@code native/fakecuda}, profile {@code fake-cuda}. */
@NullMarked
package io.lavis4j.fakecuda;

import org.jspecify.annotations.NullMarked;
