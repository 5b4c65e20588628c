package io.lavis4j.image;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Content that is found under the names of images and is not in a format that is read.
 *
 * @param description follows the name of the file
 * @param remedy to do about it
 */
record ForeignContent(String description, String remedy) {

    private static final String CONVERT = "convert it to JPEG or PNG";
    private static final String FETCH = "fetch the image again or remove the file";
    private static final String REPLACE = "replace or remove the file";

    /** How images and documents begin. */
    private static final Map<String, String> IMAGES = Map.ofEntries(
            Map.entry("0000000c6a502020", "a JPEG 2000 image"),
            Map.entry("ff4fff51", "a JPEG 2000 image"),
            Map.entry("0000000c4a584c20", "a JPEG XL image"),
            Map.entry("ff0a", "a JPEG XL image"),
            Map.entry("4949bc01", "a JPEG XR image"),
            Map.entry("38425053", "a Photoshop document"),
            Map.entry("00000100..00", "an icon"),
            Map.entry("00000200..00", "a cursor"),
            Map.entry("69636e73", "an icon"),
            Map.entry("44445320", "a DirectDraw surface"),
            Map.entry("716f6966", "a QOI image"),
            Map.entry("762f3101", "an OpenEXR image"),
            Map.entry("25215053", "a PostScript file"),
            Map.entry("c5d0d3c6", "a PostScript file"),
            Map.entry("25504446", "a PDF document"));

    /** How files begin that nobody can convert. */
    private static final Map<String, String> OTHERS = Map.of(
            "52494646........41564920", "a video",
            "1a45dfa3", "a video",
            "504b0304", "a ZIP archive",
            "1f8b08", "a gzip file",
            "52617221", "a RAR archive",
            "377abcaf271c", "a 7z archive",
            "425a68", "a bzip2 file",
            "fd377a585a00", "an xz file");

    /** The first box of ISO/IEC 14496-12 with its brands, of which an AVIF image may have those of HEIF too. */
    private static final Pattern AVIF = Pattern.compile("(?s).{4}ftyp(.{4})*?(avif|avis).*");

    private static final Pattern HEIF = Pattern.compile("(?s).{4}ftyp(.{4})*?(hei[csxm]|hev[cx]|mif1|msf1).*");
    private static final Pattern VIDEO = Pattern.compile("(?s).{4}ftyp.*");

    private static final Pattern NETPBM = Pattern.compile("(?s)P[1-7]\\s.*");
    private static final Pattern SVG = Pattern.compile("(?s)\\s*<(\\?xml.*<|!doctype |!--.*<)?svg\\b.*");
    private static final Pattern HTML =
            Pattern.compile("(?s)\\s*<(\\?xml.*<|!--.*<)?(!doctype html|html|head|body|script)\\b.*");
    private static final Pattern XML = Pattern.compile("(?s)\\s*<\\?xml\\b.*");
    private static final Pattern LFS = Pattern.compile("(?s)version https://git-lfs\\..*");
    private static final Pattern TEXT = Pattern.compile("[\\P{Cntrl}\\s]+");

    private static final String BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf";
    private static final int BEGINNING = 1024;
    private static final int SHOWN = 4;

    /** @param content the whole of a file or its beginning */
    static ForeignContent of(byte[] content) {
        if (content.length == 0) {
            return new ForeignContent("is empty", REPLACE);
        }
        String beginning = new String(content, 0, Math.min(content.length, BEGINNING), StandardCharsets.ISO_8859_1);
        if (AVIF.matcher(beginning).matches()) {
            return image("an AVIF image");
        }
        if (HEIF.matcher(beginning).matches()) {
            return image("a HEIC image");
        }
        if (VIDEO.matcher(beginning).matches()) {
            return new ForeignContent("is a video and not an image", REPLACE);
        }
        for (var image : IMAGES.entrySet()) {
            if (new Signature(image.getKey()).begins(content)) {
                return image(image.getValue());
            }
        }
        for (var other : OTHERS.entrySet()) {
            if (new Signature(other.getKey()).begins(content)) {
                return new ForeignContent("is %s and not an image".formatted(other.getValue()), REPLACE);
            }
        }
        return text(beginning);
    }

    private static ForeignContent text(String beginning) {
        String text = beginning.startsWith(BYTE_ORDER_MARK) ? beginning.substring(BYTE_ORDER_MARK.length()) : beginning;
        String lower = text.toLowerCase(Locale.ROOT);
        if (NETPBM.matcher(text).matches()) {
            return image("a Netpbm image");
        }
        if (SVG.matcher(lower).matches()) {
            return image("an SVG drawing");
        }
        if (HTML.matcher(lower).matches()) {
            return new ForeignContent("is an HTML page and not an image", FETCH);
        }
        if (XML.matcher(lower).matches()) {
            return new ForeignContent("is an XML document and not an image", FETCH);
        }
        if (LFS.matcher(text).matches()) {
            return new ForeignContent("is a pointer to a file in Git LFS and not an image", "run git lfs pull");
        }
        if (TEXT.matcher(text).matches()) {
            return new ForeignContent("is a text and not an image", FETCH);
        }
        byte[] first = text.substring(0, Math.min(text.length(), SHOWN)).getBytes(StandardCharsets.ISO_8859_1);
        return new ForeignContent(
                "is neither %s, it begins with the bytes %s"
                        .formatted(ImageFormat.NAMES, HexFormat.of().formatHex(first)),
                "convert or remove the file");
    }

    private static ForeignContent image(String name) {
        return new ForeignContent("is %s, which is not read".formatted(name), CONVERT);
    }
}
