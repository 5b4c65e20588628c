/**
 * Files as this library reads and writes them: replaced in one step, text of which no byte is replaced, JSON by one
 * rule ({@link io.lavis4j.io.JsonStream}) with errors that name the place, and lists of names for messages. Plain Java,
 * below every other package.
 */
@NullMarked
package io.lavis4j.io;

import org.jspecify.annotations.NullMarked;
