package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.lavis4j.model.BaseModel;
import io.lavis4j.model.Texts;
import io.lavis4j.model.TrainableModel;
import io.lavis4j.model.VisionEncoder;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Precision;
import java.util.List;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** Precision of a run with {@code run.amp}. */
class MixedPrecisionTest {

    private static final Device GPU = new Device("cuda:0").retainReference();

    private final Logger logger = (Logger) LoggerFactory.getLogger(MixedPrecision.class);
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

    private record Learner(Precision precision) implements TrainableModel {

        @Override
        public Prepared prepare(Texts texts) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void backward(Tensor loss) {
            throw new UnsupportedOperationException();
        }

        @Override
        public VisionEncoder visualEncoder() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Module module() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void initializeUnset() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }

    /** With {@code run.amp} alone. */
    private static Precision of(BaseModel model, Device device) {
        return new MixedPrecision(true, null).of(model, device);
    }

    @ParameterizedTest
    @EnumSource(names = {"FP16", "BF16"})
    void onAGpuItIsTheModels(Precision precision) {
        assertThat(of(new Learner(precision), GPU)).isEqualTo(precision);
        assertThat(messages()).isEmpty();
    }

    @Test
    void aModelOfFp32IsTrainedInItWithAWarning() {
        assertThat(of(new Learner(Precision.FP32), GPU)).isEqualTo(Precision.FP32);
        assertThat(messages()).singleElement().asString().contains("run.amp is on", "fp32");
    }

    @Test
    void aCpuTakesBf16InPlaceOfFp16AndSaysSo() {
        assertThat(of(new Learner(Precision.FP16), Devices.cpu())).isEqualTo(Precision.BF16);
        assertThat(messages()).singleElement().asString().contains("run.amp is on", "CPU", "bf16", "run.amp_dtype");
        assertThat(of(new Learner(Precision.BF16), Devices.cpu())).isEqualTo(Precision.BF16);
        assertThat(of(new Learner(Precision.FP32), Devices.cpu())).isEqualTo(Precision.FP32);
    }

    @ParameterizedTest
    @EnumSource
    void whatTheRunSaysIsTakenOnEveryDevice(Precision ofTheModel) {
        for (var said : List.of(Precision.FP16, Precision.BF16)) {
            for (var device : List.of(GPU, Devices.cpu())) {
                var precision = new MixedPrecision(true, said).of(new Learner(ofTheModel), device);
                assertThat(precision).isEqualTo(said);
            }
        }
        assertThat(messages()).singleElement().asString().contains("run.amp_dtype=fp16 is many times slower on a CPU");
    }

    @ParameterizedTest
    @EnumSource
    void withoutAmpThereIsNone(Precision ofTheModel) {
        assertThat(MixedPrecision.OFF.of(new Learner(ofTheModel), GPU)).isEqualTo(Precision.FP32);
    }
}
