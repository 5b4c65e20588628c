/**
 * Questions about images and the answers to them: VQA v2, OK-VQA, A-OKVQA, GQA and Visual Genome's, in the files that
 * LAVIS publishes and under its names.
 */
@NullMarked
package io.lavis4j.dataset.vqa;

import org.jspecify.annotations.NullMarked;
