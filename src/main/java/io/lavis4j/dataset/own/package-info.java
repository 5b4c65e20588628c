/**
 * Data sets of one's own, which need no code: a folder of images with texts beside them, and tables of images,
 * captions, questions and answers.
 */
@NullMarked
package io.lavis4j.dataset.own;

import org.jspecify.annotations.NullMarked;
