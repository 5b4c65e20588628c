package io.lavis4j.quickstart;

import io.lavis4j.image.RegionMode;
import io.lavis4j.image.Regions;
import io.lavis4j.report.Card;
import io.lavis4j.report.Cards;
import io.lavis4j.report.Thumbnail;
import java.util.List;
import java.util.stream.IntStream;

/** Images of some answers with their regions and texts: the wrong ones, then right ones from all over the split. */
record AnswerGallery(QuickstartResults results) {

    private static final int SHOWN = 36;
    private static final int WRONG_SHOWN = 12;

    /** A section of each kind that there is. */
    String html() {
        var wrong = results.answers().stream().filter(a -> !a.isRight()).toList();
        var right = results.answers().stream().filter(Answer::isRight).toList();
        var wrongShown = wrong.subList(0, Math.min(WRONG_SHOWN, wrong.size()));
        int count = Math.min(right.size(), SHOWN - wrongShown.size());
        var rightShown = IntStream.range(0, count)
                .mapToObj(i -> right.get(i * right.size() / count))
                .toList();
        return section("Wrong", "the first %d of %d", wrongShown, wrong.size())
                + section("Right", "%d of %d, from all over the split", rightShown, right.size());
    }

    private String section(String title, String some, List<Answer> shown, int of) {
        String about = shown.size() == of ? "all %d".formatted(of) : some.formatted(shown.size(), of);
        return new Cards(title, about, shown.stream().map(this::card).toList()).html();
    }

    private String card(Answer answer) {
        var regions = new Regions(answer.regions(), answer.width(), answer.height(), RegionMode.HIGHLIGHT);
        var image = Thumbnail.of(answer.image(), regions);
        var texts = List.of(
                new Card.Text("generated", answer.generated()),
                new Card.Text("true", answer.truth()),
                new Card.Text("clue", answer.clue()));
        String about = results.isUnseen(answer) ? "<span class=\"tag\">unseen pair</span>" : "";
        return new Card(image.html(answer.clue()), texts, about).html("");
    }
}
