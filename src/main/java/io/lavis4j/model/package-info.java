/** What the model families share: the interface of a vision encoder. */
@NullMarked
package io.lavis4j.model;

import org.jspecify.annotations.NullMarked;
