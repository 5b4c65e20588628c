package io.lavis4j.report;

import java.util.Map;

/**
 * Terms and their descriptions, side by side where there is room.
 *
 * @param descriptions by term, both as plain text, in the order of the page; an empty one is left out
 */
public record Facts(Map<String, String> descriptions) {

    /** A {@code dl} element. */
    public String html() {
        var html = new StringBuilder("<dl class=\"facts\">\n");
        descriptions.forEach((term, description) -> {
            if (!description.isEmpty()) {
                html.append(
                        "<div><dt>%s</dt><dd>%s</dd></div>\n".formatted(Html.escape(term), Html.escape(description)));
            }
        });
        return html.append("</dl>").toString();
    }
}
