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
                    + "|mfg|mme|mrs|mtg|pfc|pvt|rep|rev|sen|sfc|sgt|spc|ste|alex|asst|atty|brig|capt|cmdr|dept|elec|govs|insp"
                    + "|invt|mlle|msgr|natl|pres|prof|reps|sens|supt|assoc|attys|comdr|lieut|profs|supts|treas|messrs";

    /** Kept with their full stop, and can end a sentence. */
    private static final String WORDS_CUT_SHORT =
            "al|co|ct|ga|jr|ky|md|mo|rd|rt|sq|sr|va|vt|ala|apr|aug|bhd|cos|dak|dec|esq|est|etc"
                    + "|ext|feb|fla|fri|inc|ind|jan|jul|jun|kan|ltd|mar|mon|neb|nev|nov|oct|plc|pte|pty|sep|seq|sys|tel|thu|tue"
                    + "|wed|wis|wyo|ariz|assn|bldg|blvd|bros|colo|conn|corp|intl|kans|mich|minn|mont|okla|penn|ppte|ppty|ptes|ptys"
                    + "|sept|tenn|tues|univ|wisc|calif|pptes|pptys|thurs|bancorp|ph\\.d|ed\\.d"
                    + "|{cap:A}z|{cap:L}a|{cap:P}a|{cap:A}rk|{cap:D}el|{cap:I}ll|{cap:O}re|{cap:T}ex|{cap:M}ass|{cap:M}iss|{cap:W}ash";

    /** Kept with their full stop before a number. */
    private static final String BEFORE_NUMBERS = "ca|no|op|pp|art|fig|nos|figs|prop";

    /** With a capital, after an initial or acronym, they start a sentence. */
    private static final String STARTERS =
            "{cap:A}|{cap:A}n|{cap:A}s|{cap:A}t|{cap:H}e|{cap:I}f|{cap:I}n|{cap:I}t|{cap:S}o|{cap:W}e"
                    + "|{cap:B}ut|{cap:H}er|{cap:N}ow|{cap:O}ne|{cap:O}ur|{cap:S}he|{cap:T}he|{cap:Y}et|{cap:Y}ou|{cap:H}ere|{cap:L}ast"
                    + "|{cap:M}any|{cap:M}ore|{cap:O}nce|{cap:S}ome|{cap:S}uch|{cap:T}hat|{cap:T}hen|{cap:T}hey|{cap:T}his|{cap:W}hat"
                    + "|{cap:W}hen|{cap:A}bout|{cap:A}ccording|{cap:A}dditionally|{cap:A}fter|{cap:E}arlier|{cap:H}owever|{cap:O}ther"
                    + "|{cap:M}r\\.|{cap:M}s\\.|{cap:S}ince|{MARKUP}|{cap:T}heir|{cap:T}here|{cap:T}hese|{cap:W}hile";

    private static final String FILE_TYPES =
            "c|h|x|gz|pl|ps|py|bat|bmp|cgi|cpp|dll|doc|exe|gif|htm|jar|jpg|mov|pdf|php|png|ppt|sql|tar|txt"
                    + "|wav|xml|zip|docx|html|java|jpeg|mp3";

    private PtbRules() {}

    /** Names that the rules use, beside the sets of characters. */
    static Map<String, String> names() {
        var names = new HashMap<String, String>();
        names.put("SHY", "[\u00AD]");
        names.put("BLANK", "[ \t\u00A0\u2000-\u200A\u3000]");
        names.put("SPACE", "[ \t\u00A0\u2000-\u200A\u3000\n]");
        names.put("ACCENTED", "&[aeiou](acute|grave|uml);");
        names.put("LETTER", "[{L}\u00AD]|{ACCENTED}");
        names.put("WORD", "({LETTER}|{M})([{L}{M}{D}\u00AD]|{ACCENTED})*");
        names.put("A", "['’\u0092]|&apos;");
        names.put("CLITIC", "({A})([msd]|re|ve|ll)");
        names.put("QUOTE", "['’`‘‛\u0091\u0092]|&apos;");
        names.put("DIGITS", "{D}(\u00AD*{D})*");
        names.put("NUMBER", "(\u00AD*{DIGITS})?([.,:٫٬]{DIGITS})+|\u00AD*{DIGITS}");
        names.put("PART", "([dol]({QUOTE})[{L}{D}][{L}{D}]+|([{L}{D}]|{ACCENTED})+)");
        names.put("THING", "{PART}([\\-_\u058A\u2010\u2011]{PART})*");
        names.put("SENTENCES", "{WORD}([.!?]{WORD})*");
        names.put("AN", "[A-Z0-9]");
        names.put("INITIALS", "[A-Z]+((&[aA][mM][pP];|[&+])[A-Z]+)+");
        names.put("HYPHENATED", "{AN}[A-Z0-9.,\u00AD]*(-([A-Z0-9\u00AD]+|{ACRONYM}))+");
        names.put("ACRONYM", "[A-Z](\\.[A-Z])+\\.");
        names.put(
                "MARKUP", "<(\\/{TAG} *|{TAG}( +{TAG}( *= *(\"[^\"\n]*\"|'[^'\n]*'))?)* *\\/? *|[!?][A-Z\\-][^>\n]*)>");
        names.put("PATH", "\\/[^ \t\n\"<>|()]+[^ \t\n\"<>|.!?(){},\\-]");
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
                        "(<|&lt;)?[A-Z0-9][^ \t\n\u00A0\"<>|(){}]*@([^ \t\n\u00A0\"<>|(){}.]+\\.)*[^ \t\n\u00A0\"<>|(){}.]+(>|&gt;)?"),
                PtbRule.raw("https?:\\/\\/[^ \t\n\"<>|(){}]+[^ \t\n\"<>|(){}.!?,\\-]"),
                PtbRule.raw("www\\.([^ \t\n\"<>|.!?(){},]+\\.)+[a-z]{2,4}({PATH})?"),
                PtbRule.caseMatters(
                        "([^ \t\n\"`'<>|.!?(){},\\-_$\\/:;=\\[\\]\\\\^@0-9A-Z]+\\.)+"
                                + "([cC][oO][mM]|[nN][eE][tT]|[oO][rR][gG]|[eE][dD][uU])({PATH})?",
                        Form.RAW),
                PtbRule.raw("@[A-Z_][A-Z0-9_]*"),
                PtbRule.raw("#[{L}{M}\u00AD]+"),
                PtbRule.text("[<>]?[:;=][\\-o*']?([)(DP@|\\[\\]{\\\\]|{cap:O})").before("[^A-Z0-9]", 1),
                PtbRule.text("\\({EYE}[_.]?{EYE}\\)|\\([<>=^~x']-[<>=^`~x']\\)|{EYE}_{EYE}"),
                // numbers
                PtbRule.text("\\(\\d{2,3}\\)[ \u00A0]?\\d{3,4}[\\- \u00A0]?\\d{3,5}".replace("\\d", "[0-9]")),
                PtbRule.text("(\\+?[0-9]{2,4}[\\- \u00A0])?[0-9]{2,4}[\\- \u00A0][0-9]{3,4}[\\- \u00A0]?[0-9]{3,5}"),
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
                PtbRule.text("{WORD}").beforeClitic("{CLITIC}"),
                PtbRule.text("[A-Z\u00AD]*[A-MO-Z]\u00AD*").beforeClitic("n({QUOTE})t"),
                PtbRule.quotes("n({QUOTE})t"),
                PtbRule.quotes("{CLITIC}").before("[^A-Z]", 1),
                PtbRule.text("'t").before("is", 2),
                PtbRule.text("'t").before("was", 3),
                PtbRule.text("({A})(em|till?|cause|n({A})?)|e'er|c({A})est|c'mon|([djl]|ol)({A})"),
                PtbRule.text("y({A})").before("{L}", 1),
                PtbRule.text("n({QUOTE}){L}{L}+"),
                PtbRule.caseMatters("[A-HJ-XZ]({QUOTE}){L}{L}+|{L}+[aeiouyAEIOUY]({QUOTE})[aeiouA-Z]{L}*", Form.TEXT),
                PtbRule.of("'", Form.OPENING_QUOTE).before("[A-Z][^ \t\n\u00A0]", 2),
                PtbRule.quotes("{CLITIC}"),
                // words
                PtbRule.text("{WORD}"),
                PtbRule.text("{SENTENCES}"),
                PtbRule.text("{THING}"),
                PtbRule.text("({SENTENCES}|{THING}|{HYPHENATED})\\.").before("[,;:、]", 1),
                PtbRule.caseMatters("{INITIALS}\\.", Form.ENTITY).before("[,;:、]", 1),
                PtbRule.text("{AN}+(-[A-Z]+){0,2}(\\\\?\\/{AN}+(-[A-Z]+){0,2}){1,2}"),
                PtbRule.text("C\\+\\+|[CF]#|li'l|o'o"),
                // abbreviations
                PtbRule.text("(" + WORDS_CUT_SHORT + ")\\.")
                        .before("{SPACE}+({SPACE}|[{UPPER}]|{MARKUP})", PtbRule.FULL_STOP_AGAIN),
                PtbRule.text("{ACRONYM}").before("{SPACE}+(" + STARTERS + "){SPACE}", PtbRule.FULL_STOP_AGAIN),
                PtbRule.text("[A-Z]\\.").before("{SPACE}+(" + STARTERS + "){SPACE}", PtbRule.NO_FULL_STOP),
                PtbRule.text("(" + WORDS_CUT_SHORT + ")\\.").before("[^\u0001][^\u0001]", 2),
                PtbRule.text("(" + BEFORE_NUMBERS + ")\\.").before("{BLANK}{D}", 2),
                PtbRule.text("(" + BEFORE_NUMBERS + ")\\.").before("{D}", 1),
                PtbRule.text("{ACRONYM}|([A-Z]|" + TITLES + ")\\."),
                PtbRule.raw("[{L}{D}\u00AD]+(\\.[{L}{D}\u00AD]+)*\\.(" + FILE_TYPES + ")")
                        .before("{SPACE}|[.,!?]", 1),
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
                PtbRule.of("&nbsp;|[^\u0001]|\u0001", Form.NONE));
    }
}
