/**
 * Accuracies of answers by the rules of VQA v2, OK-VQA, A-OKVQA and GQA: {@link io.lavis4j.metric.vqa.VqaAccuracy},
 * over files as each data set publishes them.
 */
@NullMarked
package io.lavis4j.metric.vqa;

import org.jspecify.annotations.NullMarked;
