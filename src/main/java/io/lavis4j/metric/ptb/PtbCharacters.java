package io.lavis4j.metric.ptb;

import java.util.BitSet;
import java.util.Map;
import java.util.StringTokenizer;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** Classes of characters, as the tokenizer of Stanford CoreNLP 3.4.1 is seen to treat each UTF-16 unit. */
final class PtbCharacters {

    /** Letters for Unicode today that are not letters for it, and hence dropped. */
    private static final String NOT_LETTERS =
            "37F 528-52F 560 588 5EF 860-86A 8A1 8AD-8B4 8B6-8C7 978 980 9FC AF9 C34 C5A C80 D04 D54-D56 D5F E86 E89 E8C"
                    + " E8E-E93 E98 EA0 EA8-EA9 EAC 13F5 13F8-13FD 16F1-16F8 1878 191D-191E 19B0-19C0 19C8-19C9 1C80-1C88"
                    + " 1C90-1CBA 1CBD-1CBF 1CF2-1CF3 1CFA 312E-312F 31BB-31BF 4DB6-4DBF 9FCD-9FFF A698-A69D A78F A794-A79F"
                    + " A7AB-A7BF A7C2-A7CA A7CB-A7CD A7D0-A7DC A7F2-A7F7 A8FD-A8FE A9E0-A9E4 A9E6-A9EF A9FA-A9FE AA7E-AA7F"
                    + " AB30-AB5A AB5C-AB69 AB70-ABBF";

    /** Letters for it that are not letters for Unicode today. */
    private static final String LETTERS = "1885-1886";

    /** Capitals for Unicode today, of a script without case for it. */
    private static final String NOT_CAPITALS = "13A0-13F5";

    private static final String NOT_DIGITS = "DE6-DEF A9F0-A9F9";

    /** Signs inside and at the start of words. */
    private static final String MARKS =
            "2C2-2C5 2D2-2DF 2E5-2EB 2ED 2EF-36F 375 378-379 384-385 3F6 483-487 55A-55F 591-5BD 5BF 5C1-5C2 5C4-5C5 5C7"
                    + " 615-61A 64B-65E 670 6D6-6E4 6E7-6ED 6FD-6FE 70F 711 730-74C 7A6-7B0 7EB-7F3 900-903 93C 93E-94E"
                    + " 951-955 962-963 981-983 9BC 9BE-9C4 9C7-9C8 9CB-9CD 9D7 9E2-9E3 A01-A03 A3C A3E-A4F A81-A83 ABC"
                    + " ABE-ACF B82 BBE-BC2 BC6-BC8 BCA-BCD C01-C03 C3E-C56 D3E-D44 D46-D48 E31 E34-E3A E47-E4E EB1"
                    + " EB4-EBC EC8-ECD";

    /** Signs that are tokens of their own. */
    private static final String SYMBOLS =
            "A1 A5-A9 AC AE-B4 B6-B8 BF D7 F7 37E 387 589 5BE 5C0 5C3 5C6 5F3-5F4 600-603 606-60C 614 61B 61E-61F 66A"
                    + " 66D 6D4 700-70D 7F6-7F8 964-965 E3F E4F 1FBD 2016-2017 201A 201E-2023 2030-2038 203B 203E-2042"
                    + " 2044 207A-207E 208A-208E 20A4 2100-2101 2103-2106 2108-2109 2114 2116-2118 211E-2123 2125"
                    + " 2127 2129 212E 213A-213B 2140-2144 214A-214D 214F 2155-215E 2190-2BFF 3001-3002 3012 30FB"
                    + " FF01-FF0F FF1A-FF20 FF3B-FF40 FF5B-FF65 FFE0-FFE1 FFE5-FFE6";

    private PtbCharacters() {}

    /** Sets by the names that {@link PtbRules} uses. */
    static Map<String, BitSet> sets() {
        var letters = where(Character::isLetter);
        letters.andNot(of(NOT_LETTERS));
        letters.or(of(LETTERS));
        var digits = where(Character::isDigit);
        digits.andNot(of(NOT_DIGITS));
        var capitals = where(Character::isUpperCase);
        capitals.andNot(of(NOT_LETTERS));
        capitals.andNot(of(NOT_CAPITALS));
        return Map.of("L", letters, "D", digits, "UPPER", capitals, "M", of(MARKS), "S", of(SYMBOLS));
    }

    private static BitSet where(IntPredicate member) {
        var set = new BitSet();
        IntStream.rangeClosed(0, Character.MAX_VALUE).filter(member).forEach(set::set);
        return set;
    }

    private static BitSet of(String ranges) {
        var set = new BitSet();
        var all = new StringTokenizer(ranges);
        while (all.hasMoreTokens()) {
            var range = all.nextToken();
            int hyphen = range.indexOf('-');
            int last = Integer.parseInt(range.substring(hyphen + 1), 16);
            int first = hyphen < 0 ? last : Integer.parseInt(range.substring(0, hyphen), 16);
            set.set(first, last + 1);
        }
        return set;
    }
}
