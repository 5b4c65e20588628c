package io.lavis4j.tokenize;

import ai.djl.engine.EngineException;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/** The native part of a tokenizer: plain text to ids, nothing special about any token. */
final class TextModel implements AutoCloseable {

    private static final String OFFLINE = "ai.djl.offline";

    private final HuggingFaceTokenizer tokenizer;

    /** @param pipeline content of {@code tokenizer.json}, read from {@code file}; what is special in it is removed */
    TextModel(ObjectNode pipeline, Path file) {
        for (String part : new String[] {"normalizer", "pre_tokenizer"}) {
            if (!pipeline.has(part)) {
                pipeline.putNull(part);
            }
        }
        for (String part : new String[] {"post_processor", "decoder", "truncation", "padding"}) {
            pipeline.putNull(part);
        }
        pipeline.put("version", "1.0").set("added_tokens", pipeline.arrayNode());
        for (JsonNode step : pipeline.path("normalizer").findParents("type")) {
            if (step.path("type").asText().equals("Precompiled")) {
                CharacterMap.check(step.path("precompiled_charsmap"), file);
            }
        }
        try {
            tokenizer = load(pipeline.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(file.toString(), e);
        } catch (EngineException e) {
            throw new IllegalStateException(
                    "the native part of ai.djl.huggingface:tokenizers does not load on this machine", e);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(
                    "%s: expected a tokenizer, but the native library reports: %s; fetch the tokenizer files of the checkpoint again"
                            .formatted(file, e.getMessage()),
                    e);
        }
    }

    /**
     * Loads without the network: on a machine with a GPU the library would otherwise fetch a native part built for CUDA
     * in place of the one in its jar, and it would report to its makers.
     */
    private static synchronized HuggingFaceTokenizer load(String json) throws IOException {
        String before = System.getProperty(OFFLINE);
        System.setProperty(OFFLINE, "true");
        try {
            return HuggingFaceTokenizer.newInstance(
                    new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)),
                    Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false"));
        } finally {
            if (before == null) {
                System.clearProperty(OFFLINE);
            } else {
                System.setProperty(OFFLINE, before);
            }
        }
    }

    long[] encode(String text) {
        return tokenizer.encode(text, false, false).getIds();
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
