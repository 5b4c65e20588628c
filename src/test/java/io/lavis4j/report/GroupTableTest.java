package io.lavis4j.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GroupTableTest {

    /** Scores as a task names them. */
    private static Map<String, Double> scores() {
        var scores = new LinkedHashMap<String, Double>();
        scores.put("Bleu_4", 0.5);
        scores.put("CIDEr", 1.5);
        scores.put("loss", 0.25);
        scores.put("items[confidence=2]", 1500.0);
        scores.put("Bleu_4[confidence=2]", 0.75);
        scores.put("CIDEr[confidence=2]", 2.0);
        scores.put("items[source=<a=b>]", 3.0);
        scores.put("CIDEr[source=<a=b>]", 0.125);
        return scores;
    }

    @Test
    void aGroupIsARowAndAMetricAColumn() {
        assertThat(GroupTable.of(2000, scores()).html())
                .contains("<th scope=\"col\">group</th><th scope=\"col\">items</th><th scope=\"col\">Bleu_4</th>"
                        + "<th scope=\"col\">CIDEr</th><th scope=\"col\">loss</th></tr>")
                .containsSubsequence(
                        "<th scope=\"row\">all</th><td>2,000</td><td>0.5000</td><td>1.5000</td><td>0.2500</td>",
                        "<th scope=\"row\">confidence 2</th><td>1,500</td><td>0.7500</td><td>2.0000</td>",
                        "<th scope=\"row\">source &lt;a=b&gt;</th><td>3</td>")
                .doesNotContain("[", "items[", "<a=b>");
    }

    @Test
    void aScoreThatAGroupLacksIsADash() {
        assertThat(GroupTable.of(2000, scores()).html())
                .contains("<td>2.0000</td><td><span class=\"quiet\">&ndash;</span></td></tr>");
    }

    @Test
    void withoutGroupsTheWholeSplitRemains() {
        assertThat(GroupTable.of(4, Map.of("CIDEr", 1.0)).html().split("<tbody>", -1))
                .hasSize(2);
    }

    @Test
    void theNameOfAScoreSaysWhatItIsOf() {
        assertThat(ScoreName.of("CIDEr[confidence=3]")).isEqualTo(new ScoreName("CIDEr", "confidence", "3"));
        assertThat(ScoreName.of("agg_metrics").isOfGroup()).isFalse();
        assertThat(ScoreName.of("odd[name").isOfGroup()).isFalse();
    }
}
