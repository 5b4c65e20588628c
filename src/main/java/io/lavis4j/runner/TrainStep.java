package io.lavis4j.runner;

import static io.lavis4j.io.Arguments.require;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.lavis4j.dataset.Batch;
import io.lavis4j.distributed.Gather;
import io.lavis4j.distributed.GradientBuckets;
import io.lavis4j.distributed.Processes;
import io.lavis4j.model.Losses;
import io.lavis4j.model.TrainableModel;
import io.lavis4j.optim.AdamW;
import io.lavis4j.optim.BackwardSteps;
import io.lavis4j.optim.GradNorm;
import io.lavis4j.optim.GradScaler;
import io.lavis4j.task.Task;
import io.lavis4j.tensor.Autocast;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tensor.Trace;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * What is learned from a batch: forward, backward and, when gradients of enough batches have been added up, the update.
 * An update whose loss or gradients are not finite is left out. The host waits for the device in {@link #read} alone,
 * and for other processes once an update.
 *
 * <p>Difference from LAVIS: the loss that is reported is not divided by {@code accum_grad_iters}.
 */
final class TrainStep implements AutoCloseable {

    private final Parts parts;
    private final Optimization settings;
    private final Processes processes;
    private final Gather gather;
    private final GradientBuckets buckets;
    private final Window window;
    private final LeftOut leftOut;
    private final Tensor gradNorm;
    private final Tensor skipped;
    private final @Nullable BackwardSteps inBackward;

    /**
     * What learns.
     *
     * @param amp what training computes in; fp32 without mixed precision
     * @param scaler of fp16's gradients; {@code null} otherwise
     */
    record Parts(
            TrainableModel model,
            Task task,
            AdamW optimizer,
            Precision amp,
            @Nullable GradScaler scaler) {}

    /**
     * What was read from the device.
     *
     * @param losses since the last reading
     * @param gradNorm norm of all gradients together at the last update, before it was clipped; NaN before the first
     * @param scale of fp16's gradients; NaN without a scaler
     * @param skipped updates since the last reading that were not taken, by the scaler or as {@code leftOut}
     * @param leftOut updates since the last reading that were left out because something was not finite
     * @param batchesPastLimit batches since more of these came in a row than may, the first of them included; 0 if they
     *     did not
     */
    record Reading(
            LossMeter.Reading losses, double gradNorm, double scale, int skipped, int leftOut, int batchesPastLimit) {}

    /**
     * What was measured of updates and not read yet, the same in all processes.
     *
     * @param gradNorm as {@link Reading} has it
     * @param skipped likewise
     * @param leftOut likewise
     * @param inARow updates before the next one that were left out in a row
     */
    record Unread(double gradNorm, double skipped, double leftOut, double inARow) {

        static final Unread NONE = new Unread(Double.NaN, 0, 0, 0);
    }

    /**
     * A step of a run.
     *
     * @param processes that learn together, from the same parameters on
     * @throws IllegalArgumentException if something that is trained is not stored in fp32, or updates are to be taken
     *     in backward and gradients are of several processes or scaled
     */
    TrainStep(Parts parts, Optimization settings, Processes processes) {
        this.parts = parts;
        this.settings = settings;
        this.processes = processes;
        var trained = parts.model().module().trainableParameters();
        trained.forEach(TrainStep::requireFloat);
        gather = new Gather(processes);
        parts.model().joinBatches(gather);
        buckets = new GradientBuckets(processes, List.copyOf(trained.values()), gather);
        window = new Window(settings.accumulation(), device());
        leftOut = new LeftOut(settings.onNonFinite().limit(), device());
        gradNorm = Scopes.retained(() -> torch.zeros(new long[] {1}, Tensors.options(device(), ScalarType.Double)));
        skipped = Scopes.retained(() -> torch.zeros(new long[] {1}, Tensors.options(device(), ScalarType.Double)));
        inBackward = settings.inBackward() ? inBackward() : null;
        goOnFrom(Unread.NONE);
    }

    private BackwardSteps inBackward() {
        require(
                processes.world() == 1 && parts.scaler() == null,
                "run.optimizer_in_backward is true, which is for one process and gradients that are not scaled; got %d processes%s; set run.optimizer_in_backward=False",
                processes.world(),
                parts.scaler() == null ? "" : " and fp16's scaled gradients");
        return new BackwardSteps(parts.optimizer());
    }

    private static void requireFloat(String name, Tensor parameter) {
        var dtype = Tensors.dtype(parameter);
        require(
                dtype == ScalarType.Float,
                "parameter %s is trained and stored in %s, which cannot take small steps; store it in fp32 (run.amp computes in 16 bits nevertheless) or freeze it",
                name,
                dtype);
    }

    /**
     * Learns a batch.
     *
     * @param lr learning rate
     * @param meter takes the losses
     * @param update whether the gradients since the last update are taken into the parameters now
     * @param signals bits that this process raises where there is an update
     * @return bits that any process has raised; none where there is no update
     */
    int run(Batch batch, double lr, LossMeter meter, boolean update, int signals) {
        parts.optimizer().lr(lr);
        try (var scope = new PointerScope()) {
            var losses = forward(batch);
            meter.add(losses);
            var loss = window.add(losses, batch.size());
            if (inBackward != null) {
                updateInBackward(inBackward, loss);
                return signals;
            }
            if (!update) {
                backward(loss);
                return 0;
            }
            buckets.begin();
            backward(loss);
            int raised = buckets.finish(signals);
            try (var span = Trace.span("optimizer")) {
                update();
            }
            return raised;
        }
    }

    /** The losses of a batch as they are learned. */
    Losses forward(Batch batch) {
        try (var span = Trace.span("forward");
                var region = Autocast.ofRun(device(), parts.amp())) {
            return parts.task().trainStep(model(), batch.seen());
        }
    }

    /** Adds the gradients of a loss, or a multiple of one, to those that there are. */
    void backward(Tensor loss) {
        var scaler = parts.scaler();
        try (var span = Trace.span("backward")) {
            model().backward(scaler == null ? loss : scaler.scale(loss));
        }
    }

    private void update() {
        var optimizer = parts.optimizer();
        var scaler = parts.scaler();
        var gradients = optimizer.gradients();
        var infinite = scaler == null ? null : scaler.unscale(gradients);
        int batches = window.batches();
        var loss = window.end(gradients, processes);
        var norm = GradNorm.of(gradients, device());
        var clip = settings.gradNormClip();
        if (clip != null) {
            GradNorm.clip(gradients, norm, clip);
        }
        var isLeftOut = leftOut.judge(isBad(loss, norm, infinite), batches);
        var isSkipped = infinite == null ? isLeftOut : isLeftOut.maximum(infinite);
        optimizer.step(null, isSkipped);
        skipped.add_(isSkipped);
        if (scaler != null && infinite != null) {
            scaler.update(infinite);
        }
        optimizer.zeroGrad();
        gradNorm.copy_(norm);
    }

    /** Goes backward from a loss and updates meanwhile; an error leaves some parameters updated and others not. */
    private void updateInBackward(BackwardSteps steps, Tensor ofBatch) {
        int batches = window.batches();
        var isBad = isNotFinite(window.end(List.of(), processes));
        var found = steps.run(isBad.maximum(leftOut.isClosed()), () -> backward(ofBatch));
        skipped.add_(leftOut.judge(isBad.maximum(found.isBad()), batches));
        gradNorm.copy_(found.gradNorm());
    }

    /**
     * Whether an update has a number that is not finite, (1). Infinite gradients of fp16 are the scaler's business as
     * long as it can do something about them.
     */
    private Tensor isBad(Tensor loss, Tensor norm, @Nullable Tensor infinite) {
        var scaler = parts.scaler();
        if (scaler == null || infinite == null) {
            return isNotFinite(loss.add(norm));
        }
        return isNotFinite(loss).maximum(scaler.isExhausted(infinite));
    }

    private static Tensor isNotFinite(Tensor number) {
        return number.isfinite().logical_not().to(ScalarType.Float).view(1);
    }

    /** What the first process has found that has found anything; {@code null} if none has. */
    @Nullable
    String agreed(@Nullable String own) {
        byte[] text = (own == null ? "" : own).getBytes(UTF_8);
        return processes.gather(text).stream()
                .filter(found -> found.length > 0)
                .findFirst()
                .map(found -> new String(found, UTF_8))
                .orElse(null);
    }

    /** How many processes learn together. */
    int world() {
        return processes.world();
    }

    /** A meter of the losses of all processes, which goes on from what another has added up. */
    LossMeter meter(LossMeter.Sums before) {
        return new LossMeter(device(), before, processes);
    }

    /** Brings the losses of a meter and what belongs to them to the host in one copy; waits for the device. */
    Reading read(LossMeter meter) {
        var scaler = parts.scaler();
        var others = new ArrayList<Tensor>(List.of(gradNorm, skipped));
        others.addAll(leftOut.counts());
        if (scaler != null) {
            others.add(scaler.scale());
        }
        var losses = meter.read(others);
        leftOut.hasBeenRead();
        skipped.zero_();
        double[] values = losses.others();
        double scale = scaler == null ? Double.NaN : values[4];
        return new Reading(losses, values[0], scale, (int) values[1], (int) values[2], (int) values[3]);
    }

    /** What {@link #goOnFrom} takes; waits for the device. */
    Unread unread() {
        try (var scope = new PointerScope()) {
            double[] values = Tensors.doubles(Tensors.cat(0, gradNorm, skipped, leftOut.updates(), leftOut.inARow()));
            return new Unread(values[0], values[1], values[2], values[3]);
        }
    }

    /** Goes on from what another step, or this one, had not read. */
    void goOnFrom(Unread before) {
        try (var scope = new PointerScope()) {
            gradNorm.fill_(Tensors.scalar(before.gradNorm()));
            skipped.fill_(Tensors.scalar(before.skipped()));
            leftOut.updates().fill_(Tensors.scalar(before.leftOut()));
            leftOut.inARow().fill_(Tensors.scalar(before.inARow()));
        }
    }

    /** Whether more updates in a row were left out than may be; waits for the device. */
    boolean isPastLimit() {
        return leftOut.isPastLimit();
    }

    /** Gives up the gradients since the last update. */
    void forgetGradients() {
        parts.optimizer().zeroGrad();
    }

    TrainableModel model() {
        return parts.model();
    }

    /** Batches of an update. */
    int accumGradIters() {
        return settings.accumulation().iters();
    }

    /** Batches since the last update. */
    int pendingBatches() {
        return window.batches();
    }

    OnNonFinite onNonFinite() {
        return settings.onNonFinite();
    }

    Precision amp() {
        return parts.amp();
    }

    private Device device() {
        return model().module().device();
    }

    /** Frees what is counted; model, optimizer and scaler are the caller's. */
    @Override
    public void close() {
        parts.model().joinBatches(Gather.alone());
        if (inBackward != null) {
            inBackward.close();
        }
        buckets.close();
        gather.close();
        window.close();
        leftOut.close();
        gradNorm.close();
        skipped.close();
    }
}
