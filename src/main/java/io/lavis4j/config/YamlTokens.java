package io.lavis4j.config;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.scanner.Scanner;
import org.yaml.snakeyaml.scanner.ScannerException;
import org.yaml.snakeyaml.scanner.ScannerImpl;
import org.yaml.snakeyaml.tokens.ScalarToken;
import org.yaml.snakeyaml.tokens.Token;

/**
 * The tokens of a text as libyaml, which OmegaConf reads with, finds them; SnakeYAML differs in two things. A tab
 * between tokens is a blank, except where it would indent a block. In a plain scalar of a flow, as {@code [who?,
 * why?]}, a question mark is a character like others. Nesting and the number of tokens are bounded.
 */
final class YamlTokens implements Scanner {

    /** Levels of lists and maps in one another. */
    static final int MAX_DEPTH = 500;

    private static final int MAX_TOKENS = 4_000_000;
    private static final Pattern INDENTATION = Pattern.compile("[ \\t]*(?:[-?:][ \\t]+)*+[-?:]?");
    private static final String BETWEEN_TOKENS = "while scanning for the next token";
    private static final String BEFORE_KEY = "[{,-?:|>'\"";

    private final int[] text;
    private final int questionMark;
    private final StreamReader reader;
    private final ScannerImpl scanner;
    private final Deque<Token> tokens = new ArrayDeque<>();
    private int depth;
    private int flows;
    private int count;

    YamlTokens(String text) {
        this.text = text.codePoints().toArray();
        questionMark = unused(text);
        var options = new LoaderOptions();
        options.setCodePointLimit(Integer.MAX_VALUE);
        reader = new StreamReader(withoutQuestionMarks());
        scanner = new ScannerImpl(reader, options);
    }

    /** A private character that stands for question marks in scalars while the text is scanned. */
    private static int unused(String text) {
        int c = 0xE000;
        while (text.indexOf(c) >= 0) {
            c++;
        }
        return c;
    }

    private String withoutQuestionMarks() {
        var result = new StringBuilder(text.length);
        int before = '\n';
        for (int c : text) {
            boolean inScalar = c == '?' && before != '\n' && BEFORE_KEY.indexOf(before) < 0;
            result.appendCodePoint(inScalar ? questionMark : c);
            before = c == ' ' || c == '\t' ? before : c == '\r' ? '\n' : c;
        }
        return result.toString();
    }

    /** A message or value with its question marks. */
    String restored(String scanned) {
        return scanned.replace(Character.toString(questionMark), "?");
    }

    @Override
    public boolean checkToken(Token.ID... choices) {
        var next = peekToken();
        if (choices.length == 0) {
            return true;
        }
        for (var choice : choices) {
            if (next.getTokenId() == choice) {
                return true;
            }
        }
        return false;
    }

    @Override
    public Token peekToken() {
        if (tokens.isEmpty()) {
            tokens.add(next());
        }
        return tokens.element();
    }

    @Override
    public Token getToken() {
        peekToken();
        return tokens.remove();
    }

    @Override
    public void resetDocumentIndex() {
        scanner.resetDocumentIndex();
    }

    private Token next() {
        int stop = -1;
        while (true) {
            try {
                scanner.peekToken(); // which scans
                return restored(bounded(scanner.getToken()));
            } catch (ScannerException e) {
                int place = reader.getIndex();
                if (!BETWEEN_TOKENS.equals(e.getContext()) || place == text.length || text[place] != '\t') {
                    throw e;
                }
                if (place == stop) { // no token is left of the lines before
                    if (flows == 0 && indents(place)) {
                        throw e;
                    }
                    skipBlanks();
                }
                stop = place;
            }
        }
    }

    private void skipBlanks() {
        while (reader.peek() == '\t' || reader.peek() == ' ') {
            reader.forward();
        }
    }

    /**
     * Whether a blank at this place indents a block: before it on its line are only blanks and indicators of blocks.
     */
    private boolean indents(int place) {
        int start = place;
        while (start > 0 && text[start - 1] != '\n' && text[start - 1] != '\r') {
            start--;
        }
        return INDENTATION.matcher(new String(text, start, place - start)).matches();
    }

    private Token bounded(Token token) {
        switch (token.getTokenId()) {
            case FlowMappingStart, FlowSequenceStart -> {
                flows++;
                depth++;
            }
            case FlowMappingEnd, FlowSequenceEnd -> {
                flows--;
                depth--;
            }
            case BlockMappingStart, BlockSequenceStart -> depth++;
            case BlockEnd -> depth--;
            default -> {}
        }
        if (depth > MAX_DEPTH) {
            throw tooMuch("lists and maps are more than %d levels deep".formatted(MAX_DEPTH), token);
        }
        if (++count > MAX_TOKENS) {
            throw tooMuch("it is too long for a configuration", token);
        }
        return token;
    }

    private static ScannerException tooMuch(String problem, Token token) {
        return new ScannerException(null, null, problem, token.getStartMark());
    }

    private Token restored(Token token) {
        return token instanceof ScalarToken scalar
                ? new ScalarToken(
                        restored(scalar.getValue()),
                        scalar.getPlain(),
                        scalar.getStartMark(),
                        scalar.getEndMark(),
                        scalar.getStyle())
                : token;
    }
}
