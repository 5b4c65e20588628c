/**
 * How good generated text is: BLEU, ROUGE-L, CIDEr-D and METEOR of captions, with the numbers of the COCO caption
 * evaluation; accuracies of answers; recalls of retrieval; and how far scores depend on the choice of items.
 *
 * <p>The reference is pycocoevalcap 1.2. Its scorers see tokenised text, tokens joined by blanks; the constants they
 * add against divisions by zero are kept, so scores agree to rounding. Everything here is plain Java and computes on
 * numbered words and n-grams, never on strings, so a corpus of a million references takes seconds and, with the texts,
 * less than 2 GiB.
 */
@NullMarked
package io.lavis4j.metric;

import org.jspecify.annotations.NullMarked;
