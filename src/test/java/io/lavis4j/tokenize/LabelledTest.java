package io.lavis4j.tokenize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LabelledTest {

    @Test
    void tokensAreTargetsButForSkippedOnesAndPadding() {
        var tokens = new BatchEncoding(new long[][] {{2, 5, 6}, {2, 7, 1}}, new long[][] {{1, 1, 1}, {1, 1, 0}});

        var labelled = Labelled.from(tokens, 1, 1);

        assertThat(labelled.positions()).containsExactly(1, 2, 4);
        assertThat(labelled.targets()).containsExactly(5, 6, 7);
        assertThat(labelled.counts()).containsExactly(2, 1);
    }

    @Test
    void paddingOnTheLeftIsRefused() {
        var tokens = new BatchEncoding(new long[][] {{2, 5, 6}, {1, 2, 7}}, new long[][] {{1, 1, 1}, {0, 1, 1}});

        assertThatThrownBy(() -> Labelled.from(tokens, 1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("texts to learn are padded on the right, got the mask [0, 1, 1]");
    }
}
