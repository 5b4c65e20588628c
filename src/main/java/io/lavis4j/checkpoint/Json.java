package io.lavis4j.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.io.JsonText;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** JSON inside a checkpoint: UTF-8, no duplicate key, nothing after the object. */
final class Json {

    private Json() {}

    /** @param what name of the object in messages */
    static ObjectNode object(MappedFile file, String what, ByteBuffer utf8) {
        try {
            var text = StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
            if (JsonText.parse(text) instanceof ObjectNode object) {
                return object;
            }
            throw file.damaged("expected the %s to be a JSON object, got something else", what);
        } catch (CharacterCodingException e) {
            throw file.damaged("the %s is not UTF-8", what);
        } catch (JsonProcessingException e) {
            throw file.damaged("the %s is not valid JSON: %s", what, e.getOriginalMessage());
        }
    }
}
