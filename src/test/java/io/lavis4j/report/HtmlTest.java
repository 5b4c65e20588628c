package io.lavis4j.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HtmlTest {

    @Test
    void textIsEscapedForElementsAndAttributes() {
        assertThat(Html.escape("<a href='x' title=\"y\"> & &amp;"))
                .isEqualTo("&lt;a href=&#39;x&#39; title=&quot;y&quot;&gt; &amp; &amp;amp;");
    }

    @Test
    void jsonCannotEndItsElementAndStaysTheSame() throws IOException {
        String text = "</script><!-- & \u2028 \" \\u003c";
        String json = Html.json(new TextNode(text));
        assertThat(json).doesNotContain("<", ">", "&", "\u2028");
        assertThat(new ObjectMapper().readTree(json).asText()).isEqualTo(text);
    }

    @Test
    void valuesAreNotSearchedForPlaces() {
        assertThat(Html.fill("{{a}} {{b}}", Map.of("a", "{{b}} $1 \\", "b", "2")))
                .isEqualTo("{{b}} $1 \\ 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Html.fill("{{c}}", Map.of("a", "1")))
                .withMessageContaining("{{c}}");
    }

    @Test
    void smallNumbersAreNotRoundedToNothing() {
        assertThat(Html.number(0.25)).isEqualTo("0.2500");
        assertThat(Html.number(0)).isEqualTo("0.0000");
        assertThat(Html.number(4.67e-5)).isEqualTo("4.67e-05");
        assertThat(Html.number(Double.NaN)).isEqualTo("none");
    }
}
