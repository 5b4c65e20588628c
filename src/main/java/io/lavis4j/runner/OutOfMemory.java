package io.lavis4j.runner;

import io.lavis4j.config.Configuration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The message of a run that found no memory: how much was asked for, the settings that take less, and their values.
 *
 * @param settings the whole configuration
 * @param gpu whether the run is on one
 */
public record OutOfMemory(Configuration settings, boolean gpu) {

    private static final Pattern ASKED =
            Pattern.compile("tried to allocate ([0-9.]+ [a-z]+)", Pattern.CASE_INSENSITIVE);
    private static final Pattern OTHERS = Pattern.compile("out of memory|ALLOC_FAILED");
    private static final String MESSAGE = "the device has not enough memory for %s%s: %s. Now %s (%s)";

    /** That of a job. */
    public static OutOfMemory of(JobConfig config) {
        return new OutOfMemory(config.source(), !config.run().device().equals("cpu"));
    }

    /** An error of a training step: explained if it was for want of memory, else as it is. */
    RuntimeException inTraining(RuntimeException e) {
        var ways = new ArrayList<String>();
        if (!value("run", "batch_size_train").equals("1")) {
            ways.add("lower run.batch_size_train and raise run.accum_grad_iters");
        }
        boolean frozen = value("model", "freeze_vit").equals("true");
        if (!frozen && value("model", "use_grad_checkpoint").equals("false")) {
            ways.add("set model.use_grad_checkpoint=True");
        }
        if (!frozen && value("model", "recompute_granularity").equals("selective")) {
            ways.add("set model.recompute_granularity=full");
        }
        if (!frozen) {
            ways.add("set model.freeze_vit=True");
        } else if (gpu && value("model", "vit_precision").equals("fp32")) {
            ways.add("set model.vit_precision=fp16");
        } else if (!gpu && !value("model", "vit_precision").equals("bf16")) {
            ways.add("set model.vit_precision=bf16, as a CPU stores fp16 in fp32");
        }
        if (!value("run", "amp").equals("true")) {
            ways.add("set run.amp=True");
        }
        ways.add("see what fits with the command estimate");
        return explained(e, "a training step", ways, "batch_size_train", "accum_grad_iters", "amp", "amp_dtype");
    }

    /** An error of a batch that is evaluated, likewise. */
    public RuntimeException inEvaluation(RuntimeException e) {
        var ways = List.of("lower run.batch_size_eval or run.num_beams", "see what fits with the command estimate");
        return explained(e, "a batch of evaluation", ways, "batch_size_eval", "num_beams");
    }

    private RuntimeException explained(RuntimeException e, String work, List<String> ways, String... runKeys) {
        String message = String.valueOf(e.getMessage());
        var asked = ASKED.matcher(message);
        boolean amount = asked.find();
        if (!amount && !OTHERS.matcher(message).find()) {
            return e;
        }
        var now = new ArrayList<String>();
        for (String key : runKeys) {
            now.add("run.%s=%s".formatted(key, value("run", key)));
        }
        for (String key : List.of("freeze_vit", "use_grad_checkpoint", "recompute_granularity", "vit_precision")) {
            now.add("model.%s=%s".formatted(key, value("model", key)));
        }
        return new IllegalStateException(
                MESSAGE.formatted(
                        work,
                        amount ? ", when %s more were asked for".formatted(asked.group(1)) : "",
                        String.join(", or ", ways),
                        now.stream().filter(one -> !one.endsWith("=")).collect(Collectors.joining(", ")),
                        message.lines().findFirst().orElse("")),
                e);
    }

    /** A setting as text; empty where there is none. */
    private String value(String section, String key) {
        @Nullable Object value = settings.tree().get(section) instanceof Map<?, ?> map ? map.get(key) : null;
        return value == null ? "" : value.toString();
    }
}
