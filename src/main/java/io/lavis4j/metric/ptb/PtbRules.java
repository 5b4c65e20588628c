package io.lavis4j.metric.ptb;

import io.lavis4j.metric.ptb.PtbRule.Form;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The forms of tokens. The longest match counts, of equally long ones the first; case matters only where a rule says
 * so.
 *
 * <p>Found by observing the reference on strings of every kind, not taken from its grammar.
 */
final class PtbRules {

    /** Kept with their full stop, also before a word without a blank. */
    private static final String TITLES =
            "cf|dr|ft|lt|mr|ms|mt|ph|st|vs|wm|adj|adm|adv|ave|cie|col|cpl|det|drs|ens|gen|gov|hon|jos|maj"
                    + "|m{=f}g|mme|mrs|m{=t}g|pfc|pvt|rep|rev|sen|sfc|sgt|spc|ste|alex|asst|atty|brig|capt|cmdr|dept|elec|govs|insp"
                    + "|invt|mlle|msgr|natl|pres|prof|reps|sens|supt|assoc|attys|comdr|lieut|profs|supts|treas|messrs";

    /** Kept with their full stop, and can end a sentence. */
    private static final String WORDS_CUT_SHORT =
            "al|co|ct|ga|jr|ky|md|mo|rd|rt|sq|sr|va|vt|ala|apr|aug|bhd|cos|dak|dec|esq|est|etc"
                    + "|ext|feb|fla|fri|inc|ind|jan|jul|jun|kan|ltd|mar|mon|neb|nev|nov|oct|plc|sep|seq|sys|tel|thu|tue"
                    + "|wed|wis|wyo|ariz|assn|bldg|blvd|bros|colo|conn|corp|intl|kans|mich|minn|mont|okla|penn"
                    + "|sept|tenn|tues|univ|wisc|calif|thurs|bancorp|p{1,2}t({=e}|{=y})s?|ph\\.d|ed\\.d"
                    + "|{=A}z|{=L}a|{=P}a|{=A}rk|{=D}el|{=I}ll|{=O}re|{=T}ex|{=M}ass|{=M}iss|{=W}ash";

    /** One token with their apostrophe, some with a typographic one too. */
    private static final String WITH_APOSTROPHE =
            "cap({A})n|(dunkin|somethin)({A})|o({QUOTE})o|cont'd\\.?|ev'ry|li'l" + "|nat'l|nor'easter|s'mores";

    /** Kept with their full stop before a number. */
    private static final String BEFORE_NUMBERS = "ca|no|op|pp|art|fig|nos|figs|prop";

    /** With a capital, after an initial or acronym, they start a sentence. */
    private static final String STARTERS = "{=A}|{=A}n|{=A}s|{=A}t|{=H}e|{=I}f|{=I}n|{=I}t|{=S}o|{=W}e"
            + "|{=B}ut|{=H}er|{=N}ow|{=O}ne|{=O}ur|{=S}he|{=T}he|{=Y}et|{=Y}ou|{=H}ere|{=L}ast"
            + "|{=M}any|{=M}ore|{=O}nce|{=S}ome|{=S}uch|{=T}hat|{=T}hen|{=T}hey|{=T}his|{=W}hat"
            + "|{=W}hen|{=A}bout|{=A}ccording|{=A}dditionally|{=A}fter|{=E}arlier|{=H}owever|{=O}ther"
            + "|{=M}r\\.|{=M}s\\.|{=S}ince|{MARKUP}|{=T}heir|{=T}here|{=T}hese|{=W}hile";

    private static final String FILE_TYPES =
            "c|h|x|gz|pl|ps|py|bat|bmp|cgi|cpp|dll|doc|exe|gif|htm|jar|jpg|mov|pdf|php|png|ppt|sql|tar|txt"
                    + "|wav|xml|zip|docx|html|java|jpeg|mp3";

    private PtbRules() {}

    /** Names that the rules use, beside the sets of characters. */
    static Map<String, String> names() {
        var names = new HashMap<String, String>();
        names.put("SHY", "[\u00AD]");
        names.put("BLANK", "[ \t\u00A0\u2000-\u200A\u3000]");
        names.put("SPACE", "[ \t\u00A0\u2000-\u200A\u3000\n\r\u000B\f\u0085\u2028\u2029]");
        names.put("ACCENTED", "&[aeiou](acute|grave|uml);");
        names.put("LETTER", "[{L}\u00AD]|{ACCENTED}");
        names.put("WORD", "({LETTER}|{M}){NAME}?");
        names.put("NAME", "([{L}{M}{D}\u00AD]|{ACCENTED})+");
        names.put("A", "['’\u0092]|&[aA][pP][oO][sS\u017F];");
        names.put("CLITIC", "({A})([msd]|re|ve|ll)");
        names.put("QUOTE", "['’`‘‛\u0091\u0092]|&[aA][pP][oO][sS\u017F];");
        names.put("DIGITS", "{D}(\u00AD?{D})*");
        names.put("NUMBER", "(\u00AD?{DIGITS})?([.,:٫٬]{DIGITS})+|\u00AD?{DIGITS}");
        names.put("PART", "([dol]({QUOTE})[{L}{D}][{L}{D}]+|[{L}{D}]+)");
        names.put("THING", "{PART}([\\-_\u058A\u2010\u2011]{PART})*");
        names.put("SENTENCES", "{WORD}([.!?]{WORD})*");
        names.put("AN", "[A-Z0-9]");
        names.put("INITIALS", "[A-Z]+((&[aA][mM][pP];|[&+])[A-Z]+)+");
        names.put("HYPHENATED", "{AN}[A-Z0-9.,\u00AD]*(-([A-Z0-9\u00AD]+|{ACRONYM}))+");
        names.put("ACRONYM", "[A-Z](\\.[A-Z])+\\.");
        names.put(
                "MARKUP",
                "<(\\/{TAG} *|{TAG}( +{TAG}( *= *(\"[^\"\n]*\"|'[^'\n]*'))?)* *\\/? *|[!?][A-Z\\-][^>\n\r]*)>");
        names.put("PATH", "\\/[^ \t\n\r\f\"<>|()]+[^ \t\n\r\f\"<>|.!?(){},\\-]");
        names.put("EYE", "[\\-^x=~<>']");
        names.put("TAG", "[A-Z][A-Z0-9:._\\-]*");
        return names;
    }

    /** In order of precedence. */
    static List<PtbRule> rules() {
        return List.of(
                // markup, addresses, faces
                PtbRule.raw("{MARKUP}"),
                PtbRule.raw(
                        "(<|&lt;)?[A-Z0-9][^ \t\n\r\f\u00A0\"<>|(){}]*@([^ \t\n\r\f\u00A0\"<>|(){}.]+\\.)*[^ \t\n\r\f\u00A0\"<>|(){}.]+(>|&gt;)?"),
                PtbRule.raw("@[A-Z_][A-Z0-9_]*"),
                PtbRule.raw("#({LETTER}|{M})+"),
                PtbRule.text("[<>]?[:;=][\\-o*']?([)(DP@|\\[\\]{\\\\]|{=O})").before("[^A-Z0-9]", 1),
                PtbRule.caseMatters("\\({EYE}[_.]?{EYE}\\)|\\([<>=^~x']-[<>=^`~x']\\)|{EYE}_{EYE}", Form.TEXT),
                // numbers
                PtbRule.text("\\(\\d{2,3}\\)[ \u00A0]?\\d{3,4}[\\- \u00A0]?\\d{3,5}".replace("\\d", "[0-9]")),
                PtbRule.text("\\+?([0-9]{2,4}[\\- \u00A0])?[0-9]{2,4}[\\- \u00A0][0-9]{3,4}[\\- \u00A0]?[0-9]{3,5}"),
                PtbRule.text("({D}{1,4}[\\- \u00A0])?{D}{1,4}(\\\\?\\/|⁄){D}{1,4}"),
                PtbRule.text("{D}{1,2}[\\-\\/]{D}{1,2}[\\-\\/]{D}{2,4}"),
                PtbRule.text("[+\\-]?({NUMBER})"),
                PtbRule.text("({A})[2-9]0s"),
                PtbRule.text("({A})[0-9]{2}").before("{SPACE}", 1),
                // contractions
                PtbRule.text("can").before("not", 3),
                PtbRule.text("gon|wan").before("na", 2),
                PtbRule.text("got").before("ta", 2),
                PtbRule.text("gim|lem").before("me", 2),
                PtbRule.text("{SENTENCES}").beforeClitic("{CLITIC}"),
                PtbRule.text("[A-Z\u00AD]*[A-MO-Z]\u00AD*").beforeClitic("n({QUOTE})t"),
                PtbRule.quotes("n({QUOTE})t"),
                PtbRule.quotes("{CLITIC}").before("[^A-Z]", 1),
                PtbRule.text("'t").before("is", 2),
                PtbRule.text("'t").before("was", 3),
                PtbRule.text("({A})(em|till?|cause|n({A})?)|e'er|c({A})est|c'mon|([djl]|ol)({A})"),
                PtbRule.text("y({A})").before("{L}", 1),
                PtbRule.text("n({QUOTE}){L}{L}+"),
                PtbRule.caseMatters("[A-HJ-XZ]({QUOTE}){L}{L}+|{L}+[aeiouyAEIOUY]({QUOTE})[aeiouA-Z]{L}*", Form.TEXT),
                PtbRule.of("'", Form.OPENING_QUOTE).before("[A-Z][^ \t\n\r\u00A0]", 2),
                PtbRule.quotes("{CLITIC}"),
                // words
                PtbRule.text("{WORD}"),
                PtbRule.text("{SENTENCES}"),
                PtbRule.raw("https?:\\/\\/[^ \t\n\r\f\"<>|(){}]+[^ \t\n\r\f\"<>|(){}.!?,\\-]"),
                PtbRule.raw("www\\.([^ \t\n\r\f\"<>|.!?(){},]+\\.)+[a-z]{2,4}({PATH})?"),
                PtbRule.caseMatters(
                        "([^ \t\n\r\f\"`'<>|.!?(){},\\-_$\\/:;=\\[\\]\\\\^@0-9A-Z]+\\.)+"
                                + "([cC][oO][mM]|[nN][eE][tT]|[oO][rR][gG]|[eE][dD][uU])({PATH})?",
                        Form.RAW),
                PtbRule.text("{THING}"),
                PtbRule.text("({SENTENCES}|{THING}|{HYPHENATED})\\.").before("[,;:、]", 1),
                PtbRule.caseMatters("{INITIALS}\\.", Form.ENTITY).before("[,;:、]", 1),
                PtbRule.text("{AN}+(-[A-Z]+){0,2}(\\\\?\\/{AN}+(-[A-Z]+){0,2}){1,2}"),
                PtbRule.text("C\\+\\+|[CF]#|" + WITH_APOSTROPHE),
                // abbreviations
                PtbRule.text("(" + WORDS_CUT_SHORT + ")\\.")
                        .before("{SPACE}+({SPACE}|[{UPPER}]|{MARKUP})", PtbRule.FULL_STOP_AGAIN),
                PtbRule.text("(co|pt[ey])\\.").before("{BLANK}(ltd|lim)", 4),
                PtbRule.text("{ACRONYM}").before("{SPACE}+(" + STARTERS + "){SPACE}", PtbRule.FULL_STOP_AGAIN),
                PtbRule.text("[A-Z]\\.").before("{SPACE}+(" + STARTERS + "){SPACE}", PtbRule.NO_FULL_STOP),
                PtbRule.text("(" + WORDS_CUT_SHORT + ")\\.").before("[^][^]", 2),
                PtbRule.text("(" + BEFORE_NUMBERS + ")\\.").before("{SPACE}{D}", 2),
                PtbRule.text("(" + BEFORE_NUMBERS + ")\\.").before("{D}", 1),
                PtbRule.text("{ACRONYM}|([A-Z]|" + TITLES + ")\\."),
                PtbRule.raw("{NAME}(\\.{NAME})*\\.(" + FILE_TYPES + ")").before("{SPACE}|[.,!?]", 1),
                PtbRule.text("{HYPHENATED}"),
                PtbRule.caseMatters("{INITIALS}", Form.ENTITY),
                PtbRule.caseMatters("[A-Z]+\\$", Form.TEXT),
                // punctuation
                PtbRule.caseMatters("\"|&quot;", Form.OPENING_QUOTES).before("[A-Za-z0-9$]", 1),
                PtbRule.caseMatters("\"|&quot;", Form.CLOSING_QUOTES),
                PtbRule.quotes("'{1,2}|&apos;|[`‘’“”„‚‟‛‹›«»\u0091-\u0094]{1,2}"),
                PtbRule.of("-{2,4}|[–—―\u0096\u0097]|&(md|mdash|ndash);", Form.DASH),
                PtbRule.text("-+|-(LRB|RRB|LSB|RSB|LCB|RCB)-"),
                PtbRule.of("\\.{3,5}|\\.([ \u00A0]\\.){2,4}|[…\u0085]", Form.ELLIPSIS),
                PtbRule.text("[?!]+|[.,;:()\\[\\]{}%\\/\\\\~^=+|$&]|#+|@+|_+|(\\\\?\\*)+|<<?|>>?|[²³¹⁰⁴-⁹₀-₉]+|{S}"),
                PtbRule.of("[¼½¾⅓⅔]", Form.FRACTION),
                PtbRule.of("[\u0080¤₠€]", Form.DOLLAR),
                PtbRule.of("£", Form.POUND),
                PtbRule.of("¢", Form.CENTS),
                PtbRule.of("&(lt|gt|amp);", Form.ENTITY),
                PtbRule.raw("&(quot|ht|lr|qc|ql|qr|tl|ur|cdq|odq|#[0-9]+);"),
                PtbRule.of("{BLANK}+|&nbsp;|[^]", Form.NONE));
    }
}
