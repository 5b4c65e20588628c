package io.lavis4j.tokenize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lavis4j.golden.GoldenCases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every reference case, once from {@code tokenizer.json} and once from the vocabulary files alone. */
class TokenizerParityTest {

    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.USE_LONG_FOR_INTS);
    private static final Set<String> KNOWN_ARGUMENTS =
            Set.of("padding", "truncation", "max_length", "add_special_tokens");

    @TestFactory
    Stream<DynamicTest> opt(@TempDir Path temp) throws IOException {
        return tests("opt", List.of("vocab.json", "merges.txt"), Tokenizer::opt, temp);
    }

    @TestFactory
    Stream<DynamicTest> bert(@TempDir Path temp) throws IOException {
        return tests("bert", List.of("vocab.txt"), Tokenizer::bert, temp);
    }

    @TestFactory
    Stream<DynamicTest> t5(@TempDir Path temp) throws IOException {
        return tests("t5", List.of("spiece.model"), Tokenizer::t5, temp);
    }

    /** LAVIS registers all four roles, also that which the files have already. */
    @TestFactory
    Stream<DynamicTest> llama(@TempDir Path temp) throws IOException {
        return tests(
                "llama",
                List.of("tokenizer.model"),
                (folder, added) -> added.isEmpty() ? Tokenizer.llama(folder, added) : Tokenizer.vicuna(folder),
                temp);
    }

    /** A folder that one tokenizer is loaded from, and what is expected of it. */
    private record Variant(
            String name, Path folder, JsonNode expected, BiFunction<Path, Map<SpecialToken, String>, Tokenizer> load) {

        Tokenizer open() {
            return load.apply(folder, added());
        }

        /** The tokens that the case registers beyond those of the files. */
        private Map<SpecialToken, String> added() {
            var added = new EnumMap<SpecialToken, String>(SpecialToken.class);
            try (var plain = load.apply(folder, Map.of())) {
                for (var entry : expected.path("special").properties()) {
                    SpecialToken role = role(entry.getKey());
                    String token = entry.getValue().get(0).asText();
                    if (!plain.has(role) || !plain.token(role).equals(token)) {
                        added.put(role, token);
                    }
                }
            }
            return added;
        }

        DynamicTest test(String what, Consumer<Tokenizer> body) {
            return dynamicTest(name + ": " + what, () -> {
                try (var tokenizer = open()) {
                    body.accept(tokenizer);
                }
            });
        }
    }

    private static Stream<DynamicTest> tests(
            String kind,
            List<String> vocabularyFiles,
            BiFunction<Path, Map<SpecialToken, String>, Tokenizer> load,
            Path temp)
            throws IOException {
        var variants = new ArrayList<Variant>();
        for (Path suite : GoldenCases.of("j_tokenizers")) {
            if (!holds(suite, kind)) {
                continue;
            }
            for (Path folder : GoldenCases.in(suite, kind)) {
                String name = suite.getFileName() + "/" + folder.getFileName();
                JsonNode expected =
                        JSON.readTree(folder.resolve("expected.json").toFile());
                boolean whole = Files.exists(folder.resolve("tokenizer.json"));
                boolean parts = vocabularyFiles.stream().allMatch(f -> Files.exists(folder.resolve(f)));
                assertThat(whole || parts).as("%s has vocabulary files", name).isTrue();
                if (whole) {
                    variants.add(new Variant(name + " with tokenizer.json", folder, expected, load));
                }
                if (parts) {
                    Path copy = copyWithoutTokenizerJson(folder, temp);
                    variants.add(new Variant(name + " without tokenizer.json", copy, expected, load));
                }
            }
        }
        assertThat(variants).as("cases of " + kind).isNotEmpty();
        return variants.stream().flatMap(TokenizerParityTest::tests);
    }

    /** Further suites may be about other tokenizers only; {@code tests} fails if none has the kind. */
    private static boolean holds(Path suite, String kind) throws IOException {
        try (var entries = Files.list(suite)) {
            return entries.map(p -> p.getFileName().toString())
                    .anyMatch(name -> name.equals(kind) || name.startsWith(kind + "@"));
        }
    }

    private static Path copyWithoutTokenizerJson(Path folder, Path temp) throws IOException {
        Path copy = Files.createTempDirectory(temp, "case");
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                if (!file.endsWith("tokenizer.json") && !file.endsWith("expected.json")) {
                    Files.copy(file, copy.resolve(file.getFileName()));
                }
            }
        }
        return copy;
    }

    private static Stream<DynamicTest> tests(Variant variant) {
        JsonNode expected = variant.expected();
        var tests = new ArrayList<DynamicTest>();
        tests.add(variant.test("vocabulary and special tokens", t -> checkVocabulary(t, expected)));
        var encodings = Stream.of("encodings", "extra")
                .flatMap(field -> StreamSupport.stream(expected.path(field).spliterator(), false))
                .toList();
        assertThat(encodings).as(variant.name()).isNotEmpty();
        FIELDS.forEach((field, actual) -> {
            var texts = encodings.stream().filter(e -> e.has(field)).toList();
            if (!texts.isEmpty()) {
                tests.add(variant.test(field + " of " + texts.size() + " texts", t -> {
                    var softly = new SoftAssertions();
                    for (JsonNode text : texts) {
                        softly.assertThat(actual.apply(t, text))
                                .as(text.get("text").toString())
                                .isEqualTo(text.get(field));
                    }
                    softly.assertAll();
                }));
            }
        });
        if (expected.has("as_loaded_without_LAVIS_changes")) {
            tests.add(dynamicTest(variant.name() + ": as loaded", () -> checkAsLoaded(variant)));
        }
        int number = 0;
        for (JsonNode batch : expected.path("batches")) {
            String what = "batch %d padded %s, truncated %s, %s"
                    .formatted(
                            number++,
                            batch.path("padding_side").asText("right"),
                            batch.path("truncation_side").asText("right"),
                            batch.path("kwargs"));
            tests.add(variant.test(what, t -> checkBatch(t, batch)));
        }
        return tests.stream();
    }

    private static final Map<String, BiFunction<Tokenizer, JsonNode, JsonNode>> FIELDS = Map.of(
            "ids", (t, e) -> JSON.valueToTree(encode(t, e, true)),
            "ids_no_special", (t, e) -> JSON.valueToTree(encode(t, e, false)),
            "tokens", (t, e) -> JSON.valueToTree(t.convertIdsToTokens(encode(t, e, true))),
            "decoded",
                    (t, e) -> JSON.valueToTree(
                            t.decode(encode(t, e, true), new DecodeOptions(false, t.cleansUpSpaces()))),
            "decoded_skip_special", (t, e) -> JSON.valueToTree(t.decode(encode(t, e, true))));

    private static long[] encode(Tokenizer tokenizer, JsonNode encoding, boolean special) {
        var options = EncodeOptions.plain().withSpecialTokens(special);
        return tokenizer.encode(encoding.get("text").asText(), options).ids();
    }

    private static void checkVocabulary(Tokenizer tokenizer, JsonNode expected) {
        if (expected.has("length")) {
            assertThat(tokenizer.vocabSize()).isEqualTo(expected.get("length").asInt());
        }
        for (var entry : expected.path("special").properties()) {
            SpecialToken role = role(entry.getKey());
            String token = entry.getValue().get(0).asText();
            long id = entry.getValue().get(1).asLong();
            assertThat(tokenizer.token(role)).as(entry.getKey()).isEqualTo(token);
            assertThat(tokenizer.id(role)).as(entry.getKey()).isEqualTo(id);
            assertThat(tokenizer.tokenToId(token)).hasValue(id);
            assertThat(tokenizer.convertIdsToTokens(new long[] {id})).containsExactly(token);
        }
        for (JsonNode encoding : expected.path("encodings")) {
            for (int i = 0; i < encoding.path("tokens").size(); i++) {
                assertThat(tokenizer.tokenToId(encoding.get("tokens").get(i).asText()))
                        .hasValue(encoding.get("ids").get(i).asLong());
            }
        }
    }

    private static void checkAsLoaded(Variant variant) {
        try (var tokenizer = variant.load().apply(variant.folder(), Map.of())) {
            for (JsonNode text : variant.expected().get("as_loaded_without_LAVIS_changes")) {
                long[] ids = encode(tokenizer, text, true);
                assertThat(JSON.<JsonNode>valueToTree(ids)).isEqualTo(text.get("ids"));
                if (text.has("decoded")) {
                    assertThat(tokenizer.decode(ids))
                            .isEqualTo(text.get("decoded").asText());
                }
            }
        }
    }

    private static void checkBatch(Tokenizer tokenizer, JsonNode batch) {
        JsonNode arguments = batch.path("kwargs");
        assertThat(arguments.fieldNames()).toIterable().isSubsetOf(KNOWN_ARGUMENTS);
        int maxLength = arguments.path("max_length").asInt();
        Padding padding = switch (arguments.path("padding").asText("false")) {
            case "longest", "true" -> new Padding.Longest();
            case "max_length" -> new Padding.ToLength(maxLength);
            case "do_not_pad", "false" -> new Padding.None();
            default -> throw new AssertionError("unknown padding: " + arguments);
        };
        var options = EncodeOptions.plain()
                .withSpecialTokens(arguments.path("add_special_tokens").asBoolean(true))
                .padded(padding, side(batch.path("padding_side")))
                .truncated(
                        arguments.path("truncation").asBoolean() ? maxLength : EncodeOptions.UNLIMITED,
                        side(batch.path("truncation_side")));
        var texts = StreamSupport.stream(batch.get("texts").spliterator(), false)
                .map(JsonNode::asText)
                .toList();
        var actual = tokenizer.encode(texts, options);
        assertThat(JSON.<JsonNode>valueToTree(actual.ids())).isEqualTo(batch.get("input_ids"));
        if (batch.has("attention_mask")) {
            assertThat(JSON.<JsonNode>valueToTree(actual.attentionMask())).isEqualTo(batch.get("attention_mask"));
        }
    }

    private static Side side(JsonNode name) {
        return name.asText("right").equals("left") ? Side.LEFT : Side.RIGHT;
    }

    private static SpecialToken role(String key) {
        return Arrays.stream(SpecialToken.values())
                .filter(role -> role.key().equals(key))
                .findFirst()
                .orElseThrow(() -> new AssertionError("unknown special token " + key));
    }
}
