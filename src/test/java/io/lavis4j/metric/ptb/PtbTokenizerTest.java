package io.lavis4j.metric.ptb;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Forms that the reference strings show by one example each. The expected tokens were made by the reference. */
class PtbTokenizerTest {

    private final PtbTokenizer tokenizer = new PtbTokenizer();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "She'd've said we mustn't|she 'd 've said we must n't",
                "gotta lemme cannots|got ta lem me cannots",
                "y'all're at Smith-O'Brien's|y' all 're at smith-o'brien 's",
                "get 'em 'til the '70s, d'accord|get 'em 'til the '70s d'accord",
                "red,blue-green and a.b-c|red,blue-green and a.b-c",
                "Capt. Ahab, Esq. and no. 7|capt. ahab esq. and no. 7",
                "Plan B. The end|plan b the end",
                "a horse., a dog|a horse. a dog",
                "www.some_site.org/a_b, sub.host.net/path!|www.some_site.org/a_b sub.host.net/path",
                "report.pdf 3.docx x.y@z.co|report.pdf 3.docx x.y@z.co",
                "+44 20 7946 0958|+44\u00A020\u00A07946\u00A00958",
                "12 3/8 inch, 7½|12\u00A03/8 inch 7 1/2",
                "A&W AT&amp;T R2&D2|a&w at&t r2 & d2",
                "<img src=\"a b.png\" alt='x'> <3|<img\u00A0src=\"a\u00A0b.png\"\u00A0alt='x'> < 3",
                ":-P =( >:D (-_-) :Dx|:-p =-lrb- >:d -lrb--_--rrb- dx",
                "C++ and c# not d#|c++ and c# not d #",
                "“a” «b» ‚c‘ 'de' 'f|a b ‚ c de f",
                "Somethin' else, Dunkin’ Donuts|somethin' else dunkin’ donuts",
                "a NOR'EASTER, Nat'l, cap'n, ev'ry s'more s'mores|a nor'easter nat'l cap'n ev'ry s more s'mores",
                "cont'd. The|cont'd. the",
                "one Co. Ltd. two Co. Ltda. x|one co. ltd. two co. ltda x",
                "Ltd. Co. Pte. Limited Inc. The|ltd. co. pte. limited inc. the",
                "PTE. x pte. x PTES. x|pte x pte. x ptes x",
                "+44 123-4567|+44\u00A0123-4567",
                "Xo&Apos;av it&Apos;s #caf&eacute;|xo&apos;av it &apos;s #caf&eacute;",
            })
    void formsAreSplitAsInTheReference(String text, String tokens) {
        assertThat(tokenizer.tokenize(text)).isEqualTo(tokens);
    }

    @ParameterizedTest
    @CsvSource(
            ignoreLeadingAndTrailingWhitespace = false,
            delimiter = '|',
            value = {
                "q \u00A0www.x.com z|q www.x.com z",
                "\u00A0www.x.com z|\u00A0www.x.com z",
                "q \u3000 x.net|q x.net",
                "\u00ADx.net www.\u00ADx.com|x.net www.x.com",
                "www.x.com/a\u00ADb|www.x.com/a\u00ADb",
                "\u00ADb.pdf|\u00ADb.pdf",
                "man@u\u3000 z|man@u\u3000 z",
                "man@u\u3000|man@u",
                "x.y/ab\u001F\u0085|x.y / ab",
                "a@b.c\u001F\u0085|a@b.c",
                "no.\u20285 Inc.\u0085The|no. 5 inc. the",
                "www.x\fy.com|www.x y.com",
            })
    void blanksAndSoftHyphensBesideAddressesAreReadAsInTheReference(String text, String tokens) {
        assertThat(tokenizer.tokenize(text)).isEqualTo(tokens);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a cat\na dog",
                "a cat\r\na dog",
                "a cat\ra dog",
                "a cat\u000Ba dog",
                "a cat\fa dog",
                "a cat\u2028a dog"
            })
    void lineBreaksAreBlanks(String text) {
        assertThat(tokenizer.tokenize(text)).isEqualTo("a cat a dog");
    }

    @Test
    void everyCharacterIsReadSomehow() {
        for (int c = 0; c <= Character.MAX_VALUE; c++) {
            var alone = tokenizer.tokens("a " + (char) c + " b");
            assertThat(alone).as("around U+%04X", c).startsWith("a").endsWith("b");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a+", "a,", "<!", "a@-", "'a", "(5", "www.a", "\""})
    void timeGrowsWithTheLength(String part) {
        var text = part.repeat(10_000);
        Assertions.assertTimeout(Duration.ofSeconds(20), () -> tokenizer.tokens(text));
    }
}
