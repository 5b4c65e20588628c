"""Texts on which tokenizer_reference.py compares both tokenizers: by kind, the same at each run with a seed."""

import itertools
import random
import re
import unicodedata

APOSTROPHES = ("'", "’", "ʼ", "′", "`", "´", "‘", "‛", "\x92", "&apos;", "&APOS;")
WITH_APOSTROPHE = (
    "don't can't won't shan't ain't isn't couldn't mustn't n't cannot it's he's that's who's let's she'd they'd who'd've "
    "i'm we're they're you've should've it'll y'all y'all're ya'll ma'am o'clock ne'er e'er e'en o'er 'em 'til 'till 'tis "
    "'twas 'twere 'cause 'bout 'n' 'n rock'n'roll rock 'n' roll r'n'b fish'n'chips o'brien d'angelo l'oreal d'accord c'est "
    "c'mon j'ai m'lady s'mores li'l lil' ol' ole' po'boy cap'n bo's'n fo'c'sle ev'ry ev'rybody nat'l nat'ly int'l gov't "
    "ass'n dep't cont'd cont'd. nor'easter nor'easters sou'wester dunkin' somethin' nothin' goin' dunkin'donuts 'hood "
    "'90s '80s '07 90's 1990's boys' dogs' james's a's abc's o'o t'other g'day hallowe'en hawai'i qur'an ka'aba xi'an "
    "jack-o'-lantern will-o'-the-wisp cat-o'-nine-tails mother-in-law's o'neil-smith d'arc's l'hôtel café's th' o'the "
    "rec'd sec'y k'nex 's 'm 're 've 'd 'll n' o' y' d' wouldn't've"
).split(" ")
AROUND = "%s|%s x|x %s|x %s.|%s, y|%s!|%s?|x %s The|A %s. The|x-%s y|\"%s\"|(%s)|x%s|%sx|'%s'|“%s” y|%s-y|%s\xa0z|%s/y".split("|")

ABBREVIATIONS = (
    "mr mrs ms dr prof rev hon gen col maj capt lt sgt cpl pvt gov sen rep pres st ste mt ft jr sr esq inc co cos corp ltd "
    "ltda plc bros assn pte pty ppte ppty ptes bhd mfg mtg intl univ dept est al cf vs etc e.g i.e a.m p.m u.s u.k u.s.a "
    "e.u ph.d ed.d b.a m.d no nos fig figs vol pp p art op prop ca eq ch ed eds approx ave blvd bldg rd hwy apt sq jan feb "
    "mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thurs fri sat sun ala ariz ark calif colo conn del fla ga "
    "ill ind kan ky la mass md mich minn miss mo mont neb nev okla ore pa penn tenn tex va vt wash wis wyo cont'd nat'l min "
    "max oz lbs in ext tel a b x the word"
).split(" ")
FOLLOWERS = "The the A He According 5 12 a.b Ltd Limited Ltda LTD Lima Mr. (x <b> , ; . ? ' \" - -- é É 日".split(" ")

PLACES = (  # of a character, {}
    "{}|a{}b|a{} b|a {}b|www.{}x.com|www.x.com{}|w{}ww.x.com|www.x{}y.com|{}www.x.com|www.x.com/a{}b|www.x.com/ab{}|x{}y.net|"
    "x.{}net|{}{}x.net|x.net/{}ab|http://a.b{}c|http://a.bc{}|{}http://ab.c|a@b{}c.de|a@b.cd{}|{}a@b.cd|<a@b.cd{}>|@{}ab|@a{}b|"
    "@ab{}|#{}ab|#a{}b|1{}2|1{}/2|½{}|1{}½|12{}:30|1,{}000|3.{}14|(5{}55) 123-4567|(555){}123-4567|555{}123{}4567|{}{}12|"
    ".{}.{}.|..{}.|-{}-|--{}|'{}s|a{}'s|don{}'t|don'{}t|can{}not|{}'tis|'{}em|'90s{}|'90{}x|o'{}clock|&{}amp;|&amp;{}|${}5|"
    "€{}5|:{})|:){}|{}:-)|Mr.{}Xy|Inc.{}The|inc.{}x|Co.{}Ltd.|no.{}5|U.S.{}The|u.s.{}x|B.{}The|<b{}>|<a b='c{}d'>|<a{}b='c'>|"
    "<!-- {} -->|a{}-b|a-{}b|T{}&T|x.p{}df|x{}.pdf|x.pdf{}|C{}++|[{}]|({})|\"{}a\"|`{}`|{}.|-{}|cap'n{}|&eacute;{}.pdf"
).split("|")
BESIDE = ("q %s z", "%s", "A%sB", "q %s")

PIECES = (
    "a the man He It Mr Dr U.S. Inc etc no fig is can don't cannot gonna boy's café naïve 日本 I rock'n'roll o'neil ma'am "
    "T-shirt and/or AT&T www.example.com a@b.co report.txt 1 5 12 90 555 1,000 3.14 10:30 1/2 80s 1st ½ (555) 123-4567 "
    "! \" # $ % & ' ( ) * + , - . / : ; < = > ? @ [ ] ^ _ ` { | } ~ ... -- … – — ’ ‘ “ ” n't 's 'll &amp; &quot; :) <b> "
    "&apos; &Apos; &eacute; &nbsp; &mdash; &lt; &#39; 'em 'tis ' Co. Ltd. Ltda. Pte. a.m. No. Jan. Calif. e.g. Ph.D. A. The "
    "@word #tag x.net http://x.y/z cap'n dunkin' s'mores cont'd. $5 £5 € ¢ US$ 2nd 3/4 1⁄2 -5 +5 ² ™ 😀 𝒜 ʼ ′ ´ :-) :D <3 "
    "(^_^) ^_^ X_X -_- C++ C# 24-7 A-B A&B b/w 'n' c'mon y'all \x92 \x93 \x97 «a» ‹b› one-half ## __ <a href=\"x\"> <!-- --> "
    "\xad \xa0 \u2009 \u3000 \u200b \ufeff \r \f \x85 \u2028 \t www. .com .pdf edu d' o’ 'm 've 't x u"
).split(" ")


def cases(words):
    return (words, words.capitalize(), words.title(), words.upper())


def blanks():
    """Blanks and format and control characters, but for those that separate captions here."""
    kinds = ("Zs", "Zl", "Zp", "Cc", "Cf")
    return [c for c in map(chr, range(0x10000)) if unicodedata.category(c) in kinds and c != "\n"]


def apostrophes():
    for word, quote in itertools.product(WITH_APOSTROPHE, APOSTROPHES):
        for form, frame in itertools.product(cases(word), AROUND):
            yield frame % form.replace("'", quote)


def abbreviations():
    for a, b in itertools.product(ABBREVIATIONS, repeat=2):
        yield f"one {a}. {b}. two"
        yield f"One {a.upper()}. {b.upper()}. Two"
        yield f"{a.title()}. {b.title()}."
        yield f"one {a.title()}.  {b.capitalize()}., two"
    for a, b in itertools.product(ABBREVIATIONS, FOLLOWERS):
        for form, frame in itertools.product(cases(a), ("one %s. %s two", "%s.%s", "(%s.\xa0%s)", "%s., %s", "%s.\r%s")):
            yield frame % (form, b)


def telephones():
    """Numbers in two to four groups of digits."""
    for groups in range(2, 5):
        for lengths in itertools.product(range(1, 7 if groups < 4 else 5), repeat=groups):
            digits = ["123456"[:length] for length in lengths]
            for sign, first, then in itertools.product(("", "+", "-"), " -", " -"):
                yield sign + digits[0] + first + then.join(digits[1:])
            yield f"({digits[0]}) " + "-".join(digits[1:])
            yield f"({digits[0]})" + "".join(digits[1:])


def other_cases():
    """Words of the tokenizer with letters whose other case is an ASCII letter."""
    words = WITH_APOSTROPHE + [f"{word}." for word in ABBREVIATIONS] + PIECES + "gimme gonna wanna https://a.b &mdash;".split()
    for word, (letter, other) in itertools.product(words, ("s\u017f", "k\u212a", "i\u0130", "i\u0131", "S\u017f", "K\u212a", "I\u0130", "I\u0131")):
        if letter in word:
            for frame in ("%s", "a %s x", "%s The", "(%s) 5"):
                yield frame % word.replace(letter, other, 1)


def triples(draw, count):
    for _ in range(count):
        yield " ".join(draw.choice(cases(draw.choice(ABBREVIATIONS))) + "." for _ in range(3)) + draw.choice(("", " x", " X"))


def beside_blanks():
    for blank, place, frame in itertools.product(blanks(), PLACES, BESIDE):
        yield frame % place.format(*[blank] * 3)


def alone():
    """Every character of the plane, inside and beside words, numbers and addresses."""
    for number in range(0x10000):
        if not 0xD800 <= number < 0xE000 and number != 0x0A:
            for frame in ("q a%cb z", "q %cx.net z", "q 1%c z", "q #a%c z", "Calif. %c z", "q \xad%c.pdf"):
                yield frame % number


def mixtures(draw, count, words):
    for _ in range(count):
        text = ""
        for _ in range(draw.randint(1, 8)):
            kind = draw.random()
            piece = draw.choice(PIECES) if kind < 0.75 else draw.choice(words)
            if kind > 0.97:
                piece = chr(draw.choice([draw.randrange(0x80, 0x250), draw.randrange(0x2000, 0x2C00)]))
            text += draw.choice([piece, piece, piece, piece.capitalize(), piece.upper()])
            text += " " * draw.choice((0, 0, 1, 1, 2))
        yield text


def texts(seed, count, words):
    """Lists of texts by kind: all of those that are built, and `count` random ones of each other kind."""
    draw = random.Random(seed)
    kinds = {
        "apostrophes": apostrophes(),
        "abbreviations": abbreviations(),
        "three abbreviations": triples(draw, count),
        "telephones": telephones(),
        "other cases": other_cases(),
        "blanks": beside_blanks(),
        "characters": alone(),
        "mixtures": mixtures(draw, count, words),
    }
    return {kind: list(dict.fromkeys(re.sub("\n", " ", text) for text in made)) for kind, made in kinds.items()}
