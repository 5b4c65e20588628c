package io.lavis4j.quickstart;

import static io.lavis4j.quickstart.QuickstartReport.escape;

import io.lavis4j.processor.Box;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Locale;
import java.util.stream.Collectors;

/** An answer as a figure of the page: the picture with its regions, what was generated, and what is true. */
record AnswerCard(QuickstartResults results) {

    String html(Answer answer) {
        return """
                <figure class="%s">
                <svg viewBox="0 0 %d %d" role="img" aria-label="%s">
                <image href="%s" width="%2$d" height="%3$d"/>
                %s
                </svg>
                <figcaption>%s<span class="verdict">%s</span>
                <dl><dt>clue</dt><dd>%s</dd><dt>generated</dt><dd>%s</dd><dt>true</dt><dd>%s</dd></dl>
                </figcaption>
                </figure>""".formatted(
                        answer.isRight() ? "right" : "wrong",
                        answer.width(),
                        answer.height(),
                        escape(answer.clue()),
                        uri(answer.picture()),
                        answer.regions().stream().map(AnswerCard::region).collect(Collectors.joining("\n")),
                        results.isUnseen(answer) ? "<span class=\"tag\">unseen pair</span>" : "",
                        answer.isRight() ? "&#10003; right" : "&#10007; wrong",
                        escape(answer.clue()),
                        escape(answer.generated()),
                        escape(answer.truth()));
    }

    /** The veil and, just inside its edge, the frame; both corners belong to a region. */
    private static String region(Box box) {
        return String.format(
                Locale.ROOT,
                "<rect class=\"region\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>"
                        + "<rect class=\"frame\" x=\"%.1f\" y=\"%.1f\" width=\"%d\" height=\"%d\"/>",
                box.left(),
                box.top(),
                box.width() + 1,
                box.height() + 1,
                box.left() + 1.5,
                box.top() + 1.5,
                Math.max(0, box.width() - 2),
                Math.max(0, box.height() - 2));
    }

    private static String uri(Path picture) {
        try {
            byte[] bytes = Files.readAllBytes(picture);
            String type = bytes.length > 1 && bytes[0] == (byte) 0x89 && bytes[1] == 'P' ? "png" : "jpeg";
            return "data:image/%s;base64,%s".formatted(type, Base64.getEncoder().encodeToString(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(picture + " cannot be read: " + e.getMessage(), e);
        }
    }
}
