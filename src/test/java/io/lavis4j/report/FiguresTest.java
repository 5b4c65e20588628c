package io.lavis4j.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.metric.Interval;
import java.util.List;
import org.junit.jupiter.api.Test;

class FiguresTest {

    private static String html(double value, Interval interval) {
        return new Figures(List.of(new Figures.Figure("a<b", value, interval, "x & y"))).html();
    }

    @Test
    void theBarGoesToTheNextWholeNumberAndItsIntervalIsDrawn() {
        assertThat(html(1.5, new Interval(1, 1.75)))
                .contains("<dd class=\"value\">1.5000</dd>")
                .contains("class=\"amount\" d=\"M0 3H150.0V11H0z\"")
                .contains("class=\"interval\" d=\"M100.0 7H175.0M100.0 3V11M175.0 3V11\"");
    }

    @Test
    void namesAndSentencesAreText() {
        assertThat(html(0.5, new Interval(0, 1)))
                .contains("<dt>a&lt;b</dt>", "x &amp; y")
                .doesNotContain("a<b");
    }

    @Test
    void aNumberThatIsMissingHasAnEmptyBar() {
        String html = new Figures(List.of(new Figures.Figure("unseen", Double.NaN, null, ""))).html();
        assertThat(html).contains("none", "M0 3H0.0V11H0z").doesNotContain("NaN", "interval");
    }
}
