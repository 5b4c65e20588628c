/**
 * How good generated text is: BLEU, ROUGE-L, CIDEr-D and METEOR of captions, with the numbers of the COCO caption
 * evaluation.
 *
 * <p>The reference is pycocoevalcap 1.2. Its scorers see tokenised text, tokens joined by blanks; the constants they
 * add against divisions by zero are kept, so scores agree to rounding. Everything here is plain Java and computes on
 * numbered words and n-grams, never on strings, so a corpus of a million references takes seconds.
 */
@NullMarked
package io.lavis4j.metric;

import org.jspecify.annotations.NullMarked;
