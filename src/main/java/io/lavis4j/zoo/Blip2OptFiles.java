package io.lavis4j.zoo;

import org.jspecify.annotations.Nullable;

/**
 * What a BLIP-2 model with OPT is put together from; each is a reference of {@link WeightFiles}.
 *
 * @param vision file of the vision backbone; {@code null} where it is trained from scratch
 * @param bert model or file that the Q-Former starts from; {@code null} where it is trained from scratch
 * @param opt directory of the language model: configuration, weights and tokenizer
 * @param checkpoint BLIP-2 checkpoint over all of these; {@code null} for none
 */
public record Blip2OptFiles(
        @Nullable String vision,
        @Nullable String bert,
        String opt,
        @Nullable String checkpoint) {}
