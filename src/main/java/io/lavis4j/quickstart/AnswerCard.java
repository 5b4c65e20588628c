package io.lavis4j.quickstart;

import static io.lavis4j.report.Html.escape;

import io.lavis4j.image.RegionMode;
import io.lavis4j.image.Regions;
import io.lavis4j.report.Thumbnail;

/** An answer as a figure of the page: the image with its regions, what was generated, and what is true. */
record AnswerCard(QuickstartResults results) {

    String html(Answer answer) {
        var regions = new Regions(answer.regions(), answer.width(), answer.height(), RegionMode.HIGHLIGHT);
        var image = Thumbnail.of(answer.image(), regions);
        return """
                <figure class="card %s">
                <img src="%s" width="%d" height="%d" alt="%s">
                <figcaption>%s<span class="verdict">%s</span>
                <dl><dt>clue</dt><dd>%s</dd><dt>generated</dt><dd>%s</dd><dt>true</dt><dd>%s</dd></dl>
                </figcaption>
                </figure>""".formatted(
                        answer.isRight() ? "right" : "wrong",
                        image.uri(),
                        image.width(),
                        image.height(),
                        escape(answer.clue()),
                        results.isUnseen(answer) ? "<span class=\"tag\">unseen pair</span>" : "",
                        answer.isRight() ? "&#10003; right" : "&#10007; wrong",
                        escape(answer.clue()),
                        escape(answer.generated()),
                        escape(answer.truth()));
    }
}
