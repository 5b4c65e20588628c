/**
 * Text to token ids and back, as the tokenizers that LAVIS uses do it.
 *
 * <p>The reference are the slow tokenizers of transformers 4.33.2, which differ from the fast ones in the white space
 * around special tokens. So the native library only normalizes, splits and looks up plain text; special tokens,
 * truncation, padding and decoding are done here. A {@code Scheme} is one kind of vocabulary; SentencePiece ones (T5,
 * LLaMA) would be further schemes.
 */
@NullMarked
package io.lavis4j.tokenize;

import org.jspecify.annotations.NullMarked;
