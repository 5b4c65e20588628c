package io.lavis4j.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The one way this package parses JSON: UTF-8, no duplicate key, nothing after the object. */
final class Json {
    static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Json() {}

    /** @param what names the object in messages */
    static ObjectNode object(Path file, String what, ByteBuffer utf8) {
        JsonNode node;
        try {
            var text = StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
            node = MAPPER.readTree(text);
        } catch (CharacterCodingException e) {
            throw new CheckpointException(file, what + " is not UTF-8; the file is damaged: download it again", e);
        } catch (JsonProcessingException e) {
            throw new CheckpointException(file, "%s is not valid JSON: %s".formatted(what, e.getOriginalMessage()), e);
        }
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw new CheckpointException(
                file, "expected %s to be a JSON object, got %s".formatted(what, node.getNodeType()));
    }
}
