package io.lavis4j.config;

import java.math.BigInteger;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.NodeId;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * The meaning of plain scalars: YAML 1.1, with OmegaConf's two differences that {@code 1e-5} is a number without a dot
 * and a date is a text. Unlike in YAML 1.1 a number in base 60, as {@code 12:30}, is a text too; unlike for OmegaConf
 * {@code -.5} and {@code .5e3} are numbers.
 */
final class YamlScalars extends Resolver {

    private static final Pattern BOOL =
            Pattern.compile("(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)");
    private static final Pattern INT = Pattern.compile("[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]+|0|[1-9][0-9_]*)");
    private static final Pattern FLOAT =
            Pattern.compile("[-+]?(?:[0-9][0-9_]*\\.[0-9_]*(?:[eE][-+]?[0-9]+)?|\\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?"
                    + "|[0-9][0-9_]*[eE][-+]?[0-9]+|\\.(?:inf|Inf|INF))|\\.(?:nan|NaN|NAN)");
    private static final Pattern NULL = Pattern.compile("(?:~|null|Null|NULL)?");
    private static final Pattern MERGE = Pattern.compile("<<");

    @Override
    protected void addImplicitResolvers() {
        addImplicitResolver(Tag.BOOL, BOOL, "yYnNtTfFoO");
        addImplicitResolver(Tag.INT, INT, "-+0123456789");
        addImplicitResolver(Tag.FLOAT, FLOAT, "-+0123456789.");
        addImplicitResolver(Tag.MERGE, MERGE, "<");
        addImplicitResolver(Tag.NULL, NULL, "~nN\0");
        addImplicitResolver(Tag.NULL, NULL, null);
    }

    /** The value of a text that is a plain scalar as it stands. */
    @Nullable
    Object value(String text) {
        return value(resolve(NodeId.scalar, text, true), text);
    }

    /**
     * The value of a scalar.
     *
     * @throws IllegalArgumentException if the text is not of the tag, or the tag is not one of YAML's own
     */
    @Nullable
    Object value(Tag tag, String text) {
        if (tag.equals(Tag.NULL)) {
            return null;
        }
        if (tag.equals(Tag.BOOL)) {
            return flag(text);
        }
        if (tag.equals(Tag.INT)) {
            return whole(text);
        }
        if (tag.equals(Tag.FLOAT)) {
            return number(text);
        }
        if (tag.equals(Tag.STR) || tag.equals(Tag.MERGE)) {
            return text;
        }
        throw new IllegalArgumentException(
                "the tag %s is not allowed; write a text, number, list or map without a tag".formatted(tag));
    }

    private static boolean flag(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "yes", "true", "on" -> true;
            case "no", "false", "off" -> false;
            default -> throw new IllegalArgumentException("expected true or false, got \"%s\"".formatted(text));
        };
    }

    /** A whole number as written, with underscores and a prefix for its base. */
    static Number whole(String text) {
        String digits = text.replace("_", "");
        boolean negative = digits.startsWith("-");
        digits = digits.replaceFirst("^[-+]", "");
        int radix = 10;
        if (digits.matches("0[bx].*")) {
            radix = digits.charAt(1) == 'b' ? 2 : 16;
            digits = digits.substring(2);
        } else if (digits.matches("0.+")) {
            radix = 8;
        }
        var value = new BigInteger(digits, radix); // NumberFormatException is an IllegalArgumentException
        value = negative ? value.negate() : value;
        if (value.bitLength() < Integer.SIZE) {
            return value.intValue();
        }
        return value.bitLength() < Long.SIZE ? (Number) value.longValue() : value;
    }

    private static double number(String text) {
        String digits = text.replace("_", "").toLowerCase(Locale.ROOT);
        return switch (digits) {
            case ".inf", "+.inf" -> Double.POSITIVE_INFINITY;
            case "-.inf" -> Double.NEGATIVE_INFINITY;
            case ".nan" -> Double.NaN;
            default -> Double.parseDouble(digits);
        };
    }
}
