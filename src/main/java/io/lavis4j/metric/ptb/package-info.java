/**
 * The tokenizer before caption metrics: {@link io.lavis4j.metric.ptb.PtbTokenizer} splits texts as the Penn Treebank
 * tokenizer of Stanford CoreNLP 3.4.1 does.
 */
@NullMarked
package io.lavis4j.metric.ptb;

import org.jspecify.annotations.NullMarked;
