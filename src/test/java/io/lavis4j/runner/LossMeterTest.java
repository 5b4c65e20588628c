package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.golden.TestDevice;
import io.lavis4j.model.Losses;
import java.util.LinkedHashMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class LossMeterTest {

    private static Tensor number(double value) {
        return torch.full(new long[0], new Scalar(value)).to(TestDevice.device(), torch.ScalarType.Float);
    }

    private static Losses losses(double itc, double itm, double lm) {
        var parts = new LinkedHashMap<String, Tensor>();
        parts.put("loss_itc", number(itc));
        parts.put("loss_itm", number(itm));
        parts.put("loss_lm", number(lm));
        return new Losses(number(itc + itm + lm), parts);
    }

    @Test
    void theTotalIsReadByWindowsAndEveryPartIsAMeanOverAllSteps() {
        try (var scope = new PointerScope();
                var meter = new LossMeter(TestDevice.device())) {
            meter.add(losses(1, 2, 3));
            meter.add(losses(3, 2, 1));
            assertThat(meter.read()).isEqualTo(6);
            meter.add(losses(5, 2, 5));
            assertThat(meter.read()).isEqualTo(12);
            assertThat(meter.sums().mean()).isEqualTo(8);
            assertThat(meter.sums().partMeans().keySet())
                    .as("in the order of the model")
                    .containsExactly("loss_itc", "loss_itm", "loss_lm");
            assertThat(meter.sums().partMeans().values()).containsExactly(3.0, 2.0, 3.0);
        }
    }

    @Test
    void theLogHasEachPart() {
        var parts = new LinkedHashMap<String, Double>();
        parts.put("loss_itc", 0.5);
        assertThat(new TrainLoop.Stats(0.1, 2, parts).named("epoch", 3))
                .containsEntry("train_loss", 2.0)
                .containsEntry("train_loss_itc", 0.5);
    }
}
