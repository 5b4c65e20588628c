package io.lavis4j.report;

import java.util.List;

/**
 * Cards of one kind under their heading.
 *
 * @param title as plain text
 * @param about the kind, as plain text beside the title
 * @param cards as HTML
 */
public record Cards(String title, String about, List<String> cards) {

    public Cards {
        cards = List.copyOf(cards);
    }

    /** A {@code section} element; empty without a card. */
    public String html() {
        return cards.isEmpty() ? "" : """
                <section class="kind" aria-label="%1$s">
                <h3>%1$s <span class="quiet">%2$s</span></h3>
                <div class="cards">
                %3$s
                </div>
                </section>
                """.formatted(Html.escape(title), Html.escape(about), String.join("\n", cards));
    }
}
