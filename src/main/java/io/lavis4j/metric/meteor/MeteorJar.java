package io.lavis4j.metric.meteor;

import io.lavis4j.metric.CaptionItem;
import io.lavis4j.metric.CaptionScores;
import io.lavis4j.metric.ChildJava;
import io.lavis4j.metric.ChildProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * METEOR 1.5 by the user's own {@code meteor-1.5.jar}, as the COCO evaluation runs it: English, with normalisation,
 * over standard input and output. One process does all items.
 *
 * @param jar with {@code data/paraphrase-en.gz} beside it
 * @param java that runs it
 */
public record MeteorJar(Path jar, ChildJava java) {

    private static final String NAME = "METEOR";

    /** @throws IllegalArgumentException if there is no such file */
    public MeteorJar {
        if (!Files.isRegularFile(jar)) {
            throw new IllegalArgumentException(
                    "METEOR's program %s is not there; expected meteor-1.5.jar, which comes with pycocoevalcap"
                            .formatted(jar.toAbsolutePath()));
        }
    }

    /**
     * The scores with METEOR's added. {@code tokenised} are the items that were scored.
     *
     * @throws java.io.UncheckedIOException if the program cannot be started, fails, or gives no answer in time
     */
    public CaptionScores addTo(CaptionScores scores, List<CaptionItem> tokenised) {
        var command = new ArrayList<>(List.of(java.java().toString(), "-Xmx2G", "-Dfile.encoding=UTF-8"));
        command.addAll(java.options());
        command.addAll(List.of("-jar", jar.toString(), "-", "-", "-stdio", "-l", "en", "-norm"));
        var best = new ArrayList<MeteorStats>();
        try (var child = new ChildProcess(NAME, command, java.timeout())) {
            child.send(() -> tokenised.stream().map(MeteorJar::line).iterator());
            for (int i = 0; i < tokenised.size(); i++) {
                var item = "answer %d of %d, item %s"
                        .formatted(i + 1, tokenised.size(), tokenised.get(i).id());
                var answer = child.line(item);
                best.add(MeteorStats.parse(answer)
                        .orElseThrow(() -> child.failure(
                                "said \"%s\" for %s; expected %d numbers".formatted(answer, item, MeteorStats.COUNT))));
            }
        }
        var items = best.stream().mapToDouble(MeteorStats::score).toArray();
        return scores.with(items, MeteorStats.part(MeteorVariant.FULL.metric(), best));
    }

    /** References, then the hypothesis, between bars. */
    private static String line(CaptionItem item) {
        var hypothesis = Meteor.withoutBars(item.hypothesis());
        return Stream.of(List.of("SCORE"), item.references(), List.of(hypothesis))
                .flatMap(List::stream)
                .map(text -> text.replaceAll("[\r\n]", " "))
                .reduce((left, right) -> left + " ||| " + right)
                .orElseThrow();
    }
}
