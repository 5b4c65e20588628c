package io.lavis4j.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChartTest {

    private static Series series(String name, double... values) {
        var points = new ArrayList<Series.Point>();
        for (int i = 0; i < values.length; i++) {
            points.add(new Series.Point(i, values[i]));
        }
        return new Series(name, points);
    }

    private static String html(boolean logarithmic, Series... series) {
        return new Chart("Loss", "epoch", logarithmic, null, List.of(series)).html();
    }

    @Test
    void aLineGoesFromCornerToCorner() {
        assertThat(html(false, series("train", 1, 0.5, 0)))
                .contains("class=\"line\" d=\"M0.0 0.0L500.0 500.0L1000.0 1000.0\"")
                .contains("<title>epoch 1: train 0.5000</title>")
                .contains(">0.2</text>", ">0.0</text>", ">1.0</text>")
                .doesNotContain("legend");
    }

    @Test
    void theDrawingIsAsWideAsItsPlaceAndTextsKeepTheirSize() {
        assertThat(html(false, series("train", 1, 0)))
                .contains("<svg class=\"plot\" role=\"img\"", "preserveAspectRatio=\"none\"><path class=\"line\"")
                .contains("<text x=\"100.0%\" y=\"100%\"");
        assertThat(Html.resource(Chart.class, "page.css"))
                .contains(".plot { display: block; width: calc(100% ")
                .contains("vector-effect: non-scaling-stroke");
    }

    @Test
    void aLogarithmicScaleGoesByPowersOfTen() {
        assertThat(html(true, series("train", 1, 0.1, 0.01)))
                .contains("d=\"M0.0 0.0L500.0 500.0L1000.0 1000.0\"")
                .contains(">0.01</text>", ">0.1</text>", ">1</text>");
        assertThat(html(true, series("train", 1, 0))).contains("L1000.0 1000.0", ">0.0001</text>");
    }

    @Test
    void aValueThatIsNotANumberInterruptsTheLine() {
        assertThat(html(false, series("val", 1, Double.NaN, 0.5, 0)))
                .contains("d=\"M0.0 0.0M666.7 500.0L1000.0 1000.0\"")
                .doesNotContain("NaN");
    }

    @Test
    void onePointOrEqualValuesAreDrawnInTheMiddle() {
        assertThat(html(false, series("val", 2))).contains("<svg x=\"50.0%\" y=\"50.0%\"><path class=\"mark\"");
        assertThat(html(false, series("val", 0, 0))).doesNotContain("NaN", "Infinity");
    }

    @Test
    void nothingRecordedIsASentence() {
        assertThat(html(false, series("val", Double.NaN)))
                .contains("Nothing was recorded.")
                .doesNotContain("<svg");
    }

    @Test
    void linesDifferWithoutColourAndNamesAreEscaped() {
        String html = html(false, series("a<b", 1, 2), series("c", 2, 1));
        assertThat(html)
                .contains("<ul class=\"legend\">", "a&lt;b")
                .doesNotContain("a<b")
                .contains("class=\"s0\"", "class=\"s1\"");
        assertThat(Html.resource(Chart.class, "page.css")).contains(".s1 .line { stroke-dasharray:");
    }

    @Test
    void moreLinesThanCanBeToldApartAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Chart("x", "y", false, null, Collections.nCopies(9, series("a", 1))))
                .withMessageContaining("at most 8");
    }

    @Test
    void ticksAreRoundNumbers() {
        assertThat(Axis.around(1.3, 2.9).ticks())
                .extracting(Axis.Tick::label)
                .containsExactly("1.0", "1.5", "2.0", "2.5", "3.0");
        assertThat(Axis.around(0, 9e-6).ticks())
                .extracting(Axis.Tick::label)
                .containsExactly("0", "2e-6", "4e-6", "6e-6", "8e-6", "1e-5");
        assertThat(Axis.wholeNumbers(0, 24).ticks())
                .extracting(Axis.Tick::label)
                .containsExactly("0", "5", "10", "15", "20");
        assertThat(Axis.wholeNumbers(7, 9).ticks()).extracting(Axis.Tick::label).containsExactly("7", "8", "9");
    }
}
