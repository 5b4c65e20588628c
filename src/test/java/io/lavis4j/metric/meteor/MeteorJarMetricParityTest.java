package io.lavis4j.metric.meteor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lavis4j.metric.CaptionMetrics;
import io.lavis4j.metric.ChildJava;
import io.lavis4j.metric.MetricFiles;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** METEOR by the user's jar, named by {@code -Dmeteor.jar=}. */
@EnabledIfSystemProperty(named = "meteor.jar", matches = ".+", disabledReason = "meteor.jar names no meteor-1.5.jar")
class MeteorJarMetricParityTest {

    @Test
    void captionsScoreAsInTheReference() {
        var corpus = MetricFiles.json(MetricFiles.of("captions").get(0))
                .get("corpora")
                .get(0);
        var items = MetricFiles.items(corpus);
        var tokenised = CaptionMetrics.tokenize(items);
        var scores = new MeteorJar(Path.of(System.getProperty("meteor.jar")), ChildJava.defaults())
                .addTo(CaptionMetrics.score(tokenised), tokenised);
        assertThat(scores.corpus().get("METEOR"))
                .isCloseTo(corpus.at("/corpus/METEOR").doubleValue(), within(1e-9));
        for (int i = 0; i < items.size(); i++) {
            assertThat(scores.item(i).get("METEOR"))
                    .as(items.get(i).id())
                    .isCloseTo(corpus.get("items").get(i).at("/scores/METEOR").doubleValue(), within(1e-9));
        }
    }
}
