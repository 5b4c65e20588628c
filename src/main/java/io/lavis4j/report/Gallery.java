package io.lavis4j.report;

import io.lavis4j.image.BrokenImageException;
import io.lavis4j.image.RegionMode;
import io.lavis4j.image.Regions;
import io.lavis4j.metric.CaptionItem;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Images of the best, the worst and random items with their regions, texts and scores.
 *
 * <p>Best and worst share no item; the random ones are drawn from all items, so that they show what is usual.
 */
final class Gallery {

    private final RunFacts run;
    private final ScoredResults shown;
    private final ReportOptions options;
    private final Map<Integer, String> images = new HashMap<>();
    private final Set<Integer> anchored = new HashSet<>();

    /** @throws IllegalArgumentException if there is no score of the name in the options */
    Gallery(RunFacts run, ScoredResults shown, ReportOptions options) {
        this.run = run;
        this.shown = shown;
        this.options = options;
        if (!shown.scores().items().containsKey(options.rankBy())) {
            throw new IllegalArgumentException("no score is called \"%s\"; expected one of %s"
                    .formatted(options.rankBy(), shown.scores().items().keySet()));
        }
    }

    /** Items of each kind, by their places. */
    record Selection(List<Integer> best, List<Integer> worst, List<Integer> random) {

        /**
         * Chooses items; of equal scores the first comes first.
         *
         * @param scores by place
         * @param count of each kind at most; best and worst take at most half of the items each
         */
        static Selection of(double[] scores, int count, long seed) {
            var ranked = IntStream.range(0, scores.length)
                    .boxed()
                    .sorted(Comparator.comparingDouble((Integer i) -> -scores[i]))
                    .toList();
            int best = Math.min(count, (scores.length + 1) / 2), worst = Math.min(count, scores.length / 2);
            var lowest = new ArrayList<>(ranked.subList(scores.length - worst, scores.length));
            Collections.reverse(lowest);
            var drawn = IntStream.range(0, scores.length).boxed().collect(Collectors.toCollection(ArrayList::new));
            Collections.shuffle(drawn, new Random(seed));
            return new Selection(
                    List.copyOf(ranked.subList(0, best)),
                    List.copyOf(lowest),
                    List.copyOf(drawn.subList(0, Math.min(count, drawn.size()))));
        }
    }

    /** A section of each kind. */
    String html() {
        double[] scores = shown.scores().items().getOrDefault(options.rankBy(), new double[0]);
        var selection = Selection.of(scores, options.count(), options.seed());
        return section("Best", "highest " + options.rankBy(), selection.best())
                + section("Worst", "lowest " + options.rankBy(), selection.worst())
                + section("Random", "drawn from all items, seed " + options.seed(), selection.random());
    }

    private String section(String title, String about, List<Integer> items) {
        return new Cards(title, about, items.stream().map(this::card).toList()).html();
    }

    private String card(int place) {
        var item = shown.items().get(place);
        String about = "<ul class=\"scores\">%s</ul>\n<p class=\"quiet\">%s</p>"
                .formatted(scores(place), Html.escape(about(item)));
        return new Card(images.computeIfAbsent(place, p -> image(item)), texts(item), about)
                .html(" data-item=\"%d\"%s"
                        .formatted(
                                place, anchored.add(place) ? " id=\"item-%d\" tabindex=\"-1\"".formatted(place) : ""));
    }

    private String image(CaptionItem item) {
        var record = run.records().of(item.id());
        if (record == null) {
            return placeholder("no annotation of this item is known");
        }
        try {
            var file = run.records().image(record);
            var regions = new Regions(record.boxes(), record.width(), record.height(), RegionMode.HIGHLIGHT);
            return Thumbnail.of(file, regions).html("Image of item %s with its regions".formatted(item.id()));
        } catch (BrokenImageException | IllegalArgumentException e) {
            return placeholder(String.valueOf(e.getMessage()));
        }
    }

    private static String placeholder(String reason) {
        return "<div class=\"placeholder\"><p>No image: %s</p></div>".formatted(Html.escape(reason));
    }

    private List<Card.Text> texts(CaptionItem item) {
        var texts = new ArrayList<Card.Text>();
        texts.add(new Card.Text("generated", item.hypothesis()));
        item.references().forEach(reference -> texts.add(new Card.Text("true", reference)));
        var record = run.records().of(item.id());
        if (record != null && record.clue() != null) {
            texts.add(new Card.Text("clue", record.clue()));
        }
        return texts;
    }

    private String scores(int place) {
        var html = new StringBuilder();
        shown.scores()
                .item(place)
                .forEach((metric, score) -> html.append(String.format(
                        Locale.ROOT,
                        "<li%s>%s <b>%.4f</b></li>",
                        metric.equals(options.rankBy()) ? " class=\"ranked\"" : "",
                        Html.escape(metric),
                        score)));
        return html.toString();
    }

    private String about(CaptionItem item) {
        var parts = new ArrayList<String>();
        var record = run.records().of(item.id());
        if (record != null) {
            run.records().groups(item.id()).forEach((key, group) -> parts.add(key + " " + group));
        }
        parts.add(item.id());
        return String.join(" · ", parts);
    }

    /** Items that have a figure, once the page was made. */
    boolean has(int place) {
        return anchored.contains(place);
    }
}
