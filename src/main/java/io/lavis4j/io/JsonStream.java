package io.lavis4j.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * JSON token by token, without data binding, whose classes take longer to load than a thousand captions to score.
 *
 * <p>One rule for all JSON, that of Python's {@code json.load}, which accepts what {@code json.dump} writes:
 *
 * <ul>
 *   <li>{@code NaN}, {@code Infinity} and {@code -Infinity} are numbers, and {@code 1e400} is infinite. Whoever asks
 *       for a number refuses these; in a number that nobody asks for they do no harm.
 *   <li>The text is UTF-8, UTF-16 or UTF-32, with or without a byte-order mark ({@link TextFile}).
 *   <li>A comma before a closing bracket, control characters in a text, and anything after the value are errors.
 *   <li>Texts and keys may be of any length, and half a pair of surrogates may stand in them.
 *   <li>Brackets are nested up to 1000 deep, as far as Python's stack goes.
 *   <li>A number has up to 100,000 characters, as long ones take too long; Python's whole numbers have up to 4300.
 *   <li>Unlike in Python, a key that occurs twice in an object is an error: of two captions of an id one would be lost.
 * </ul>
 *
 * <p>What is written is strict JSON, which this reads again: a number that is not finite is {@code null}, and
 * characters outside Unicode's first plane are escaped, which half a pair of surrogates needs.
 */
public final class JsonStream {

    private static final int LONGEST_NUMBER = 100_000;

    static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .characterEscapes(new SurrogateEscapes())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxNumberLength(LONGEST_NUMBER)
                    .build())
            .disable(StreamWriteFeature.AUTO_CLOSE_TARGET) // a file is synced first
            .addDecorator((factory, generator) -> new FiniteNumbers(generator))
            .build();

    /** Jackson's words for programmers: places in a source, features that are off, constraints that were exceeded. */
    private static final Pattern INTERNALS = Pattern.compile(
            " ?\\((for|start)[^\\[]*\\[Source: .*]\\)| \\((or 'NaN'|not recognized)[^)]*\\)|, from `[^`]*`");

    private JsonStream() {}

    /** The tokens of a text. */
    public static JsonParser parser(String text) throws IOException {
        return FACTORY.createParser(text);
    }

    /** The tokens of a file; closing the parser closes it. */
    public static JsonParser parser(Path file) throws IOException {
        return FACTORY.createParser(TextFile.open(file));
    }

    /**
     * Goes to the first token of the value.
     *
     * @throws JsonParseException if there is none
     */
    public static JsonToken start(JsonParser parser) throws IOException {
        var token = parser.nextToken();
        if (token == null) {
            throw new JsonParseException(parser, "it is empty");
        }
        return token;
    }

    /** @throws JsonParseException if there is a token after the value, whose last token is the parser's */
    public static void requireEnd(JsonParser parser) throws IOException {
        if (parser.nextToken() != null) {
            throw found(parser, "after the end");
        }
    }

    /** The fault that the parser's token is where it is. */
    static JsonParseException found(JsonParser parser, String where) throws IOException {
        return new JsonParseException(
                parser, "found '%.40s' %s".formatted(parser.getText(), where), parser.currentTokenLocation());
    }

    /** Writes tokens; closing the generator leaves {@code out} open. */
    public static JsonGenerator generator(Writer out) throws IOException {
        return FACTORY.createGenerator(out);
    }

    /** The fault of a text in a line, without its place. */
    public static String problem(JsonProcessingException fault) {
        String message = String.valueOf(fault.getOriginalMessage());
        if (message.startsWith("Unexpected end-of-input")) {
            return "it ends in the middle";
        }
        return INTERNALS.matcher(message.lines().findFirst().orElse("")).replaceAll("");
    }

    /** The place of a fault, to follow the name of a file: {@code , line 3, column 7}; empty if it is not known. */
    public static String place(JsonProcessingException fault) {
        var location = fault.getLocation();
        return location == null
                ? ""
                : ", line %d, column %d"
                        .formatted(Math.max(1, location.getLineNr()), Math.max(1, location.getColumnNr()));
    }
}
