package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Configuration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class JobConfigTest {

    private static final String ORIGINAL = "src/test/resources/configs/caption_sherlock_original.yaml";

    private final Logger logger = (Logger) LoggerFactory.getLogger("io.lavis4j.runner");
    private final ListAppender<ILoggingEvent> warnings = new ListAppender<>();

    @BeforeEach
    void listen() {
        warnings.start();
        logger.addAppender(warnings);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(warnings);
    }

    private List<String> messages() {
        return warnings.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    private static JobConfig read(String file, String... options) {
        var all = new ArrayList<>(List.of("data_root=somewhere"));
        all.addAll(List.of(options));
        return JobConfig.read(Configuration.load(file, all, name -> null));
    }

    @Test
    void aSplitThatTheDataSetLacksIsLeftOutWithAWarning() {
        var config = read(ORIGINAL);
        assertThat(config.run().splits().test()).isEmpty();
        assertThat(config.run().splits().valid()).containsExactly("val");
        assertThat(messages()).singleElement().asString().contains("test_splits", "\"test\"", "[train, val]");
    }

    @Test
    void textsThatDoNotBeginWithTheModelsPromptAreWarnedOf() {
        read(ORIGINAL, "run.test_splits=[]").warnOfPrompt();
        assertThat(messages())
                .singleElement()
                .asString()
                .contains("\"a photo of\"", "\"Inference:\"", "set model.prompt to \"Inference:\"");
    }

    @Test
    void theShippedFileWarnsOfNothing() {
        read("finetune/caption_sherlock.yaml").warnOfPrompt();
        assertThat(messages()).isEmpty();
    }

    @Test
    void trainingNeedsASplitThatIsThere() {
        assertThatThrownBy(() -> read("finetune/caption_sherlock_mini.yaml", "run.train_splits=[trian]"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("run.train_splits names \"trian\"; did you mean train?");
    }

    @Test
    void anUnknownTaskIsNamedWithTheNearest() {
        assertThatThrownBy(() -> read("finetune/caption_sherlock_mini.yaml", "run.task=captionning"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("did you mean captioning?");
    }

    @Test
    void evaluationIsOfTheTestSplitsOrElseOfThoseForValidation() {
        assertThat(read("finetune/caption_sherlock_mini.yaml").splitsToEvaluate())
                .containsExactly("val");
        assertThat(read("finetune/caption_sherlock_mini.yaml", "run.test_splits=[train]")
                        .splitsToEvaluate())
                .containsExactly("train");
    }

    @Test
    void captioningNeedsNoData() {
        var config =
                JobConfig.withoutData(Configuration.load("finetune/caption_sherlock.yaml", List.of(), name -> null));
        assertThat(config.data().datasets()).isEmpty();
        assertThat(config.processors().vis().eval().imageSize()).isEqualTo(364);
    }
}
