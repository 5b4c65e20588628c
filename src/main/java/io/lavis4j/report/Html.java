package io.lavis4j.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.io.JsonText;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Pages that stand alone: a policy in their head forbids every request, so all they show is inside them. */
public final class Html {

    private static final Pattern PLACE = Pattern.compile("\\{\\{(\\w+)}}");
    private static final double SMALL = 1e-3;
    private static final double LARGE = 1e5;

    private Html() {}

    /**
     * A whole page.
     *
     * @param title as plain text
     * @param styles put after those that all pages share
     * @param body elements, as HTML
     */
    public static String page(String title, String styles, String body) {
        return fill(
                resource(Html.class, "page.html"),
                Map.of("title", escape(title), "styles", resource(Html.class, "page.css") + styles, "body", body));
    }

    /** Text as HTML, in elements and in quoted attributes. */
    public static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    /**
     * A template with its places filled: {@code {{name}}} becomes the value of that name, which is HTML already and is
     * not searched for places.
     *
     * @throws IllegalArgumentException if there is no value for a place
     */
    public static String fill(String template, Map<String, String> values) {
        return PLACE.matcher(template).replaceAll(place -> {
            String value = values.get(place.group(1));
            if (value == null) {
                throw new IllegalArgumentException(
                        "no value for {{%s}}, only for %s".formatted(place.group(1), values.keySet()));
            }
            return Matcher.quoteReplacement(value);
        });
    }

    /** A text file beside a class in the jar. */
    public static String resource(Class<?> owner, String name) {
        try (InputStream in = owner.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks %s of %s".formatted(name, owner.getPackageName()));
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(name + " cannot be read from the jar: " + e.getMessage(), e);
        }
    }

    /** JSON that can stand in a {@code script} element: no text in it can end the element. */
    static String json(JsonNode value) {
        return JsonText.of(value)
                .replace("<", "\\u003c")
                .replace(">", "\\u003e")
                .replace("&", "\\u0026")
                .replace("\u2028", "\\u2028")
                .replace("\u2029", "\\u2029");
    }

    /** A number with four decimals, or as a power of ten where that would hide it; "none" for NaN. */
    public static String number(double value) {
        if (!Double.isFinite(value)) {
            return "none";
        }
        double size = Math.abs(value);
        boolean plain = size == 0 || (size >= SMALL && size < LARGE);
        return String.format(Locale.ROOT, plain ? "%.4f" : "%.2e", value);
    }
}
