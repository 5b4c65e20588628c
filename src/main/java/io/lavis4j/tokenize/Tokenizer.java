package io.lavis4j.tokenize;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Encodes text to token ids and decodes it again, exactly as the tokenizers of transformers 4.33.2 do that LAVIS takes:
 * the slow ones, and T5's fast one.
 *
 * <p>It has no state but its vocabulary: any number of threads may use one tokenizer, as long as none does after
 * {@link #close()}. Nothing is fetched from the network.
 */
public final class Tokenizer implements AutoCloseable {

    private static final String[][] CLEAN_UP = {
        {" .", "."},
        {" ?", "?"},
        {" !", "!"},
        {" ,", ","},
        {" ' ", "'"},
        {" n't", "n't"},
        {" 'm", "'m"},
        {" 's", "'s"},
        {" 've", "'ve"},
        {" 're", "'re"},
    };

    final Path file;
    final Scheme scheme;
    final Vocabulary vocabulary;
    final SpecialTokens special;
    private final Map<String, NoSplit> noSplit = new HashMap<>();
    private final Pattern noSplitPattern;
    private final boolean cleansUpSpaces;
    private final TextModel model;

    private Tokenizer(HubFolder folder, ObjectNode config, Scheme scheme, Map<SpecialToken, String> added) {
        folder.requireTokenizer(scheme.vocabularyFiles());
        boolean whole = folder.has("tokenizer.json");
        ObjectNode pipeline = whole ? folder.object("tokenizer.json") : scheme.pipeline(folder);
        this.file = folder.path()
                .resolve(whole ? "tokenizer.json" : scheme.vocabularyFiles().get(0));
        this.scheme = scheme;
        this.vocabulary = vocabulary(pipeline, folder);
        new TreeMap<>(added).values().forEach(vocabulary::add);
        this.special = SpecialTokens.read(folder, config, scheme, added);
        boolean takesSpace = !scheme.fast();
        vocabulary.added().forEach(token -> noSplit.put(token, new NoSplit(token, takesSpace, takesSpace)));
        special.former().forEach(token -> noSplit.put(token.content(), token));
        if (scheme.fast()) {
            pipeline.path("added_tokens").forEach(this::addListed);
        }
        special.roles().values().forEach(this::addSpecial);
        special.others().forEach(this::addSpecial);
        this.noSplitPattern = Pattern.compile(noSplit.keySet().stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .map(Pattern::quote)
                .collect(Collectors.joining("|")));
        this.cleansUpSpaces = config.path("clean_up_tokenization_spaces").asBoolean(scheme.cleansUpSpaces());
        scheme.settle(pipeline, token(SpecialToken.UNK));
        this.model = new TextModel(pipeline, file);
    }

    /**
     * The tokenizer of an OPT checkpoint (arXiv:2205.01068): {@code </s>} before every text, nothing after it.
     *
     * @param folder holds {@code tokenizer.json}, or {@code vocab.json} and {@code merges.txt}; beside them may be
     *     {@code tokenizer_config.json} and {@code special_tokens_map.json}
     * @throws java.io.UncheckedIOException if a file is missing or cannot be read
     * @throws IllegalArgumentException if the files do not make an OPT tokenizer
     */
    public static Tokenizer opt(Path folder) {
        return opt(folder, Map.of());
    }

    static Tokenizer opt(Path folder, Map<SpecialToken, String> added) {
        var files = new HubFolder(folder);
        ObjectNode config = files.objectIfPresent("tokenizer_config.json");
        return new Tokenizer(files, config, ByteLevelBpe.of(config), added);
    }

    /**
     * The tokenizer of a BERT checkpoint (arXiv:1810.04805): {@code [CLS]} before every text, {@code [SEP]} after it.
     *
     * @param folder holds {@code tokenizer.json} or {@code vocab.txt}; beside it may be {@code tokenizer_config.json}
     *     and {@code special_tokens_map.json}
     * @param added tokens to register in a role, with new ids at the end where the vocabulary lacks them
     * @throws java.io.UncheckedIOException if a file is missing or cannot be read
     * @throws IllegalArgumentException if the files do not make a BERT tokenizer
     */
    public static Tokenizer bert(Path folder, Map<SpecialToken, String> added) {
        var files = new HubFolder(folder);
        ObjectNode config = files.objectIfPresent("tokenizer_config.json");
        return new Tokenizer(files, config, new WordPiece(config), added);
    }

    /** BERT's tokenizer as every Q-Former has it: {@code [DEC]} is added as BOS, but never put before a text. */
    public static Tokenizer qformer(Path folder) {
        return bert(folder, Map.of(SpecialToken.BOS, "[DEC]"));
    }

    /**
     * The tokenizer of a T5 checkpoint (arXiv:1910.10683), such as Flan-T5: nothing before a text, {@code </s>} after
     * it.
     *
     * @param folder holds {@code tokenizer.json} or {@code spiece.model}; beside it may be
     *     {@code tokenizer_config.json}, {@code special_tokens_map.json} and {@code added_tokens.json}
     * @throws java.io.UncheckedIOException if a file is missing or cannot be read
     * @throws IllegalArgumentException if the files do not make a T5 tokenizer
     */
    public static Tokenizer t5(Path folder) {
        return t5(folder, Map.of());
    }

    static Tokenizer t5(Path folder, Map<SpecialToken, String> added) {
        var files = new HubFolder(folder);
        ObjectNode config = files.objectIfPresent("tokenizer_config.json");
        return new Tokenizer(files, config, SentencePieceUnigram.of(config, files), added);
    }

    /**
     * The tokenizer of a LLaMA checkpoint (arXiv:2302.13971): {@code <s>} before every text, nothing after it.
     *
     * @param folder holds {@code tokenizer.json} or {@code tokenizer.model}; beside it may be
     *     {@code tokenizer_config.json}, {@code special_tokens_map.json} and {@code added_tokens.json}
     * @param added tokens to register in a role, with new ids at the end where the vocabulary lacks them
     * @throws java.io.UncheckedIOException if a file is missing or cannot be read
     * @throws IllegalArgumentException if the files do not make a LLaMA tokenizer
     */
    public static Tokenizer llama(Path folder, Map<SpecialToken, String> added) {
        var files = new HubFolder(folder);
        ObjectNode config = files.objectIfPresent("tokenizer_config.json");
        return new Tokenizer(files, config, SentencePieceBpe.of(config), added);
    }

    /** LLaMA's tokenizer as InstructBLIP has it: {@code [PAD]} is added, {@code </s>} is BOS, EOS and UNK. */
    public static Tokenizer vicuna(Path folder) {
        return llama(
                folder,
                Map.of(
                        SpecialToken.PAD, "[PAD]",
                        SpecialToken.BOS, "</s>",
                        SpecialToken.EOS, "</s>",
                        SpecialToken.UNK, "</s>"));
    }

    private Vocabulary vocabulary(ObjectNode pipeline, HubFolder folder) {
        JsonNode modelNode = pipeline.path("model");
        String type = modelNode.path("type").asText("none");
        if (!type.equals(scheme.modelType()) || !modelNode.path("vocab").isContainerNode()) {
            throw new IllegalArgumentException(
                    "%s: expected a model of type %s with a vocabulary, got type %s; is this another model's tokenizer?"
                            .formatted(file, scheme.modelType(), type));
        }
        var tokens = new Vocabulary(modelNode.path("vocab"), file);
        for (JsonNode token : pipeline.path("added_tokens")) {
            String content = token.path("content").asText();
            long id = Vocabulary.checkedId(content, token.path("id"), file);
            tokens.add(content, id, token.path("special").asBoolean());
        }
        Path addedFile = folder.path().resolve("added_tokens.json");
        for (var token : folder.objectIfPresent("added_tokens.json").properties()) {
            tokens.add(token.getKey(), Vocabulary.checkedId(token.getKey(), token.getValue(), addedFile));
        }
        return tokens;
    }

    private void addSpecial(NoSplit token) {
        var id = vocabulary.id(token.content());
        if (id.isEmpty()) {
            throw new IllegalArgumentException(
                    "%s: expected the special token %s among the %d tokens; take all tokenizer files from one checkpoint"
                            .formatted(file, token.content(), vocabulary.size()));
        }
        vocabulary.setSpecial(token.content());
        noSplit.merge(token.content(), token, (before, later) -> scheme.fast() ? later : before.or(later));
    }

    /**
     * A token that {@code tokenizer.json} lists with what happens to the white space around it, as fast classes take
     * it.
     */
    private void addListed(JsonNode listed) {
        NoSplit token = NoSplit.of(listed, false);
        noSplit.put(token.content(), token);
        if (listed.path("special").asBoolean()) {
            vocabulary.setSpecial(token.content());
        }
    }

    /** Encodes one text; {@link Padding.Longest} leaves it as it is. */
    public Encoding encode(String text, EncodeOptions options) {
        var batch = encode(List.of(text), options);
        return new Encoding(batch.ids()[0], batch.attentionMask()[0]);
    }

    /**
     * Encodes texts to the rows of a batch.
     *
     * @throws IllegalArgumentException if a row is to be shorter than the special tokens around it, or padding is asked
     *     for and there is no padding token
     */
    public BatchEncoding encode(List<String> texts, EncodeOptions options) {
        var rows = texts.stream().map(text -> row(text, options)).toList();
        int longest = rows.stream().mapToInt(row -> row.length).max().orElse(0);
        var ids = new long[rows.size()][];
        var mask = new long[rows.size()][];
        for (int i = 0; i < ids.length; i++) {
            long[] row = rows.get(i);
            int length = options.padding().padded(row.length, longest);
            int start = options.paddingSide() == Side.LEFT ? length - row.length : 0;
            ids[i] = new long[length];
            mask[i] = new long[length];
            if (length > row.length) {
                Arrays.fill(ids[i], id(SpecialToken.PAD));
            }
            System.arraycopy(row, 0, ids[i], start, row.length);
            Arrays.fill(mask[i], start, start + row.length, 1);
        }
        return new BatchEncoding(ids, mask);
    }

    /** Ids of one text between its special tokens, truncated but not padded. */
    private long[] row(String text, EncodeOptions options) {
        var prefix = options.addSpecialTokens() ? scheme.prefix() : List.<SpecialToken>of();
        var suffix = options.addSpecialTokens() ? scheme.suffix() : List.<SpecialToken>of();
        int room = options.maxLength() - prefix.size() - suffix.size();
        if (room < 0) {
            throw new IllegalArgumentException(
                    "expected a maximum length of at least %d for the special tokens around a text, got %d"
                            .formatted(prefix.size() + suffix.size(), options.maxLength()));
        }
        long[] ids = textIds(scheme.prepare(text));
        if (ids.length > room) {
            int from = options.truncationSide() == Side.LEFT ? ids.length - room : 0;
            ids = Arrays.copyOfRange(ids, from, from + room);
        }
        return Stream.of(ids(prefix), ids, ids(suffix))
                .flatMapToLong(Arrays::stream)
                .toArray();
    }

    private long[] ids(List<SpecialToken> roles) {
        return roles.stream().mapToLong(this::id).toArray();
    }

    /** Looks for special tokens first and encodes the stretches between them, each on its own. */
    private long[] textIds(String text) {
        var ids = LongStream.builder();
        int from = 0;
        NoSplit before = null;
        for (Matcher found = noSplitPattern.matcher(text); found.find(); from = found.end()) {
            NoSplit token = noSplit.get(found.group());
            String stretch = NoSplit.between(before, text.substring(from, found.start()), token);
            if (from > 0 || !vocabulary.isSpecial(found.group()) || !scheme.isPreparationAlone(stretch)) {
                addStretch(ids, stretch);
            }
            vocabulary.id(found.group()).ifPresent(ids::add);
            before = token;
        }
        addStretch(ids, NoSplit.between(before, text.substring(from), null));
        return ids.build().toArray();
    }

    private void addStretch(LongStream.Builder ids, String text) {
        if (!text.isEmpty()) {
            Arrays.stream(model.encode(text)).forEach(ids::add);
        }
    }

    /** The text of {@code ids} without special tokens, its spaces cleaned up if the checkpoint asks for that. */
    public String decode(long[] ids) {
        return decode(ids, new DecodeOptions(true, cleansUpSpaces));
    }

    /**
     * The text of {@code ids}; bytes that are not UTF-8 become U+FFFD.
     *
     * @throws IllegalArgumentException if an id is not in the vocabulary; the reference fails for OPT and LLaMA and
     *     answers {@code [UNK]} for BERT. For T5, whose model has more rows than there are tokens, such ids are left
     *     out
     */
    public String decode(long[] ids, DecodeOptions options) {
        var parts = new ArrayList<String>();
        var run = new ArrayList<String>();
        for (long id : ids) {
            if (scheme.fast() && id >= 0 && !vocabulary.contains(id)) {
                continue;
            }
            String token = vocabulary.token(id);
            if (options.skipSpecialTokens() && vocabulary.isSpecial(token)) {
                continue;
            }
            if (scheme.fast() || !vocabulary.added().contains(token)) {
                run.add(token);
                continue;
            }
            if (!run.isEmpty()) {
                parts.add(scheme.join(run, vocabulary));
                run.clear();
            }
            parts.add(token);
        }
        if (!run.isEmpty()) {
            parts.add(scheme.join(run, vocabulary));
        }
        String text = String.join(" ", parts);
        if (options.cleanUpSpaces()) {
            for (String[] rule : CLEAN_UP) {
                text = text.replace(rule[0], rule[1]);
            }
        }
        return text;
    }

    /** The tokens of {@code ids} as the vocabulary writes them, with its marks for spaces and word pieces. */
    public List<String> convertIdsToTokens(long[] ids) {
        return Arrays.stream(ids).mapToObj(vocabulary::token).toList();
    }

    /** The id of a token as the vocabulary writes it; empty if it has no such token. */
    public OptionalLong tokenToId(String token) {
        return vocabulary.id(token);
    }

    /** Whether there is a token in this role. */
    public boolean has(SpecialToken role) {
        return special.roles().containsKey(role);
    }

    /**
     * The token in this role.
     *
     * @throws IllegalArgumentException if there is none
     */
    public String token(SpecialToken role) {
        NoSplit token = special.roles().get(role);
        if (token == null) {
            throw new IllegalArgumentException("%s: no %s, only %s; register one when the tokenizer is loaded"
                    .formatted(file, role.key(), special.roles().keySet()));
        }
        return token.content();
    }

    /**
     * The id of the token in this role.
     *
     * @throws IllegalArgumentException if there is none
     */
    public long id(SpecialToken role) {
        return vocabulary.id(token(role)).orElseThrow();
    }

    /** Tokens in the vocabulary, added ones included. */
    public int vocabSize() {
        return vocabulary.size();
    }

    /** Whether the checkpoint asks for spaces to be cleaned up in decoded text. */
    public boolean cleansUpSpaces() {
        return cleansUpSpaces;
    }

    /** Releases the native part; encoding is an error from then on. */
    @Override
    public void close() {
        model.close();
    }
}
