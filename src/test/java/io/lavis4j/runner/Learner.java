package io.lavis4j.runner;

import io.lavis4j.dataset.Batch;
import io.lavis4j.dataset.SampleTexts;
import io.lavis4j.distributed.Processes;
import io.lavis4j.optim.AdamW;
import io.lavis4j.optim.GradScaler;
import io.lavis4j.optim.LrSchedule;
import io.lavis4j.optim.ParameterGroup;
import io.lavis4j.optim.ScheduleType;
import io.lavis4j.runner.Accumulation.Normalization;
import io.lavis4j.runner.OnNonFinite.Policy;
import io.lavis4j.task.ImageTextPretrainTask;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A {@link CountingModel} with what a step of it needs, on the CPU. */
final class Learner implements AutoCloseable {

    static final OnNonFinite STOP = OnNonFinite.DEFAULT;

    final CountingModel model;
    final AdamW optimizer;
    final @Nullable GradScaler scaler;
    final TrainStep step;
    final LossMeter meter = new LossMeter(Devices.cpu());
    double rate = 0.01;

    Learner(
            CountingModel model,
            Accumulation accumulation,
            OnNonFinite onNonFinite,
            Precision amp,
            Processes processes) {
        this(model, accumulation, onNonFinite, amp, processes, null, false);
    }

    private Learner(
            CountingModel model,
            Accumulation accumulation,
            OnNonFinite onNonFinite,
            Precision amp,
            Processes processes,
            @Nullable Double gradNormClip,
            boolean inBackward) {
        this.model = model;
        optimizer = new AdamW(List.of(new ParameterGroup(model.trainableParameters(), 0, 1)), 0.01, 0.999);
        scaler = amp == Precision.FP16 ? new GradScaler(Devices.cpu()) : null;
        var settings = new Optimization(
                schedule(),
                0,
                0.999,
                1,
                accumulation,
                new MixedPrecision(!inBackward, amp),
                gradNormClip,
                onNonFinite,
                inBackward);
        step = new TrainStep(
                new TrainStep.Parts(model, new ImageTextPretrainTask(), optimizer, amp, scaler), settings, processes);
    }

    LrSchedule schedule() {
        return new LrSchedule(ScheduleType.CONSTANT, 5, rate, 0, -1, 0, 1);
    }

    static Learner by(Normalization normalization, int iters) {
        return new Learner(
                new CountingModel(), new Accumulation(iters, normalization), STOP, Precision.FP32, Processes.alone());
    }

    static Learner with(OnNonFinite onNonFinite, Precision amp) {
        return new Learner(new CountingModel(), Accumulation.NONE, onNonFinite, amp, Processes.alone());
    }

    static Learner clipped(double gradNormClip) {
        return new Learner(
                new CountingModel(), Accumulation.NONE, STOP, Precision.FP32, Processes.alone(), gradNormClip, false);
    }

    static Learner inBackward(OnNonFinite onNonFinite, Processes processes) {
        return new Learner(new CountingModel(), Accumulation.NONE, onNonFinite, Precision.FP32, processes, null, true);
    }

    static OnNonFinite skip(int maxSteps) {
        return new OnNonFinite(Policy.SKIP, maxSteps);
    }

    /** Samples whose images are made of their number; belongs to whoever closes it. */
    static Batch batch(int firstSample, String... texts) {
        int B = texts.length;
        float[] pixels = new float[3 * B];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) Math.sin(1 + 3 * firstSample + i);
        }
        return new Batch(
                Scopes.retained(() -> Tensors.of(pixels, Devices.cpu()).view(B, 3, 1, 1)),
                IntStream.range(0, B)
                        .mapToObj(b -> SampleTexts.of(String.valueOf(firstSample + b), texts[b]))
                        .toList());
    }

    /** Learns a batch and closes it. */
    void learn(Batch batch, boolean update) {
        try (batch) {
            step.run(batch, rate, meter, update, 0);
        }
    }

    TrainStep.Reading read() {
        return step.read(meter);
    }

    Map<String, float[]> parameters() {
        var values = new LinkedHashMap<String, float[]>();
        model.namedParameters().forEach((name, parameter) -> values.put(name, Tensors.floats(parameter)));
        return values;
    }

    @Override
    public void close() {
        step.close();
        meter.close();
        if (scaler != null) {
            scaler.close();
        }
        optimizer.close();
        model.close();
    }
}
