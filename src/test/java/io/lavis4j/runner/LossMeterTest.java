package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.golden.TestDevice;
import io.lavis4j.model.Losses;
import java.util.LinkedHashMap;
import java.util.List;
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
        return new Losses(number(itc + itm + lm), parts, 0, 0);
    }

    @Test
    void theTotalIsReadByWindowsAndEveryPartIsAMeanOverAllSteps() {
        try (var scope = new PointerScope();
                var meter = new LossMeter(TestDevice.device())) {
            meter.add(losses(1, 2, 3));
            meter.add(losses(3, 2, 1));
            assertThat(meter.read(List.of()).loss()).isEqualTo(6);
            meter.add(losses(5, 2, 5));
            var reading = meter.read(List.of(number(7).view(1)));
            assertThat(reading.loss()).isEqualTo(12);
            assertThat(reading.parts()).containsEntry("loss_itc", 5.0).containsEntry("loss_itm", 2.0);
            assertThat(reading.others()).containsExactly(7);
            assertThat(meter.sums().mean()).isEqualTo(8);
            assertThat(meter.sums().partMeans().keySet())
                    .as("in the order of the model")
                    .containsExactly("loss_itc", "loss_itm", "loss_lm");
            assertThat(meter.sums().partMeans().values()).containsExactly(3.0, 2.0, 3.0);
        }
    }

    @Test
    void aLossThatIsNotFiniteIsNamedAndCountsInNoMean() {
        try (var scope = new PointerScope();
                var meter = new LossMeter(TestDevice.device())) {
            meter.add(losses(1, 2, 3));
            meter.add(losses(3, Double.POSITIVE_INFINITY, 1));
            meter.add(losses(Double.NaN, 4, 2));
            var reading = meter.read(List.of());
            assertThat(reading.notFinite()).containsExactly("loss_itc", "loss_itm", "loss");
            assertThat(reading.loss()).isEqualTo(6);
            assertThat(reading.parts().values()).containsExactly(2.0, 3.0, 2.0);

            meter.add(losses(Double.NaN, 4, 2));
            assertThat(meter.read(List.of()).loss()).as("of no finite one").isNaN();
            assertThat(meter.sums().mean()).isEqualTo(6);
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
