package io.lavis4j.report;

import java.util.List;
import java.util.stream.Collectors;

/**
 * An item as a figure: its image, its texts, and the rest that is known of it.
 *
 * @param image as HTML
 * @param texts in the order of the page
 * @param about elements after the texts, as HTML; may be empty
 */
public record Card(String image, List<Text> texts, String about) {

    /** One of an item's texts, both as plain text. */
    public record Text(String term, String text) {

        private String html() {
            return "<dt>%s</dt><dd>%s</dd>"
                    .formatted(
                            Html.escape(term),
                            text.isBlank() ? "<span class=\"quiet\">(empty)</span>" : Html.escape(text));
        }
    }

    public Card {
        texts = List.copyOf(texts);
    }

    /**
     * A {@code figure} element.
     *
     * @param attributes of the element beside its class, each after a space
     */
    public String html(String attributes) {
        return """
                <figure class="card"%s>
                %s
                <figcaption>
                <dl>%s</dl>
                %s
                </figcaption>
                </figure>""".formatted(attributes, image, texts.stream().map(Text::html).collect(Collectors.joining()), about);
    }
}
