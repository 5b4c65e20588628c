/**
 * Text to token ids and back, as the tokenizers that LAVIS uses do it.
 *
 * <p>The reference are tokenizers of transformers 4.33.2: the slow ones of OPT, BERT and LLaMA, which differ from the
 * fast ones in the white space around special tokens, and the fast one of T5. So the native library only normalizes,
 * splits and looks up plain text; special tokens, truncation, padding and decoding are done here. A {@code Scheme} is
 * one kind of vocabulary, with the files that it is read from; a model of SentencePiece becomes what the native library
 * knows.
 */
@NullMarked
package io.lavis4j.tokenize;

import org.jspecify.annotations.NullMarked;
