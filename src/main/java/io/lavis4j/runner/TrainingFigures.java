package io.lavis4j.runner;

import io.lavis4j.task.PassTimer;
import io.lavis4j.tensor.PeakMemory;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Device;

/**
 * What was measured of training between two readings.
 *
 * @param read from the device
 * @param lr learning rate of the last batch
 * @param samples of the batches
 * @param time that they took
 * @param device of the model
 */
record TrainingFigures(TrainStep.Reading read, double lr, long samples, PassTimer.Span time, Device device) {

    /** By name, as {@link Metrics} writes them. */
    Map<String, Number> named() {
        var named = new LinkedHashMap<String, Number>();
        named.put("loss", read.losses().loss());
        named.putAll(read.losses().parts());
        named.put("lr", lr);
        named.put("grad_norm", read.gradNorm());
        if (!Double.isNaN(read.scale())) {
            named.put("scale", read.scale());
        }
        named.put("skipped_steps", read.skipped());
        named.put("samples_per_second", samples / time.seconds());
        if (read.losses().tokens() > 0) {
            named.put("tokens_per_second", read.losses().tokens() / time.seconds());
        }
        named.put("data_seconds", time.dataSeconds());
        named.put("data_share", time.dataSeconds() / time.seconds());
        if (device.is_cuda()) {
            named.put("gpu_peak_mib", PeakMemory.mebibytes(device));
        }
        named.put("resident_mib", PeakMemory.residentMebibytes());
        return named;
    }
}
