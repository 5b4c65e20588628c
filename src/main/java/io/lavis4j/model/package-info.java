/** What the model families share: the interfaces of a vision encoder, and of whole models as tasks see them. */
@NullMarked
package io.lavis4j.model;

import org.jspecify.annotations.NullMarked;
