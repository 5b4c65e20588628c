package io.lavis4j.bench;

import io.lavis4j.checkpoint.SafeTensors;
import io.lavis4j.io.JsonFile;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.processor.ImageProcessors;
import io.lavis4j.task.Captioner;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.JavaHeap;
import io.lavis4j.tensor.Libtorch;
import io.lavis4j.tensor.PeakMemory;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A process of ours, which {@code bench_peers.py} starts: does one task with the model that a peer saved, and writes
 * what it took.
 *
 * <pre>
 * OurSide TASK WEIGHTS WORK ANSWER THREADS SECONDS
 * </pre>
 *
 * <p>The tasks are those of {@code peers_side.py}, and {@code limits}, the rates of the machine,
 * {@code train_frozen_vit_cached}, a step whose image tokens are given, {@code train_vit_selective}, as with
 * {@code model.recompute_granularity=selective}, and training steps that end with {@code _in_backward}, as with
 * {@code run.optimizer_in_backward}. {@code WEIGHTS} is a folder of Hugging Face's or a checkpoint of LAVIS's,
 * {@code WORK} the folder with inputs and outputs of the peers, {@code ANSWER} a file of JSON that this writes. An
 * operation is done twice, and then at least twice for as many {@code SECONDS}.
 */
public final class OurSide {

    private static final int DECODED = 10; // tokens of an operation
    private static final long CHECKED = 2; // samples of the outputs that are compared
    private static final String WIDE = "wide"; // a folder
    private static final String TOKENS = "tokens";
    private static final String CAPTIONS = "captions";

    private final Path work;
    private final Path answerFile;
    private final SavedModel saved;
    private final double budget;
    private final Map<String, Object> answer = new LinkedHashMap<>();

    private OurSide(List<String> arguments) {
        work = Path.of(arguments.get(2));
        answerFile = Path.of(arguments.get(3));
        saved = new SavedModel(Path.of(arguments.get(1)), work.resolve("tokenizer"));
        budget = Double.parseDouble(arguments.get(5));
    }

    /** Takes the arguments above. */
    public static void main(String[] arguments) {
        var list = List.of(arguments);
        if (list.size() != 6) {
            throw new IllegalArgumentException("expected TASK WEIGHTS WORK ANSWER THREADS SECONDS, got " + list);
        }
        Libtorch.threads(Integer.parseInt(list.get(4)));
        var side = new OurSide(list);
        side.run(list.get(0));
        side.answer.put("peak_mebibytes", PeakMemory.mebibytes(Devices.cpu()));
        side.answer.put("threads", Libtorch.blas());
        side.answer.put("versions", "Java " + Runtime.version());
        JsonFile.write(side.answerFile, side.answer);
    }

    private void run(String task) {
        switch (task) {
            case "limits" -> answer.put("limits", MachineLimits.measure());
            case "caption_outputs" -> captionOutputs();
            case "training_outputs" -> trainingOutputs();
            case "decode_outputs" -> decodeOutputs();
            case "captions" -> captions();
            case "train_frozen_vit" -> train(task, TrainingBenchmark.Vit.FROZEN, false);
            case "train_frozen_vit_in_backward" -> train(task, TrainingBenchmark.Vit.FROZEN, true);
            case "train_frozen_vit_cached" -> train(task, TrainingBenchmark.Vit.CACHED, false);
            case "train_vit_checkpointed" -> train(task, TrainingBenchmark.Vit.CHECKPOINTED, false);
            case "train_vit_checkpointed_in_backward" -> train(task, TrainingBenchmark.Vit.CHECKPOINTED, true);
            case "train_vit_selective_in_backward" -> train(task, TrainingBenchmark.Vit.SELECTIVE, true);
            case "decode" -> decode();
            case "first_caption" -> firstCaption();
            default -> throw new IllegalArgumentException("unknown task \"" + task + "\"");
        }
    }

    private void captionOutputs() {
        try (var scope = new PointerScope();
                var model = saved.load(TrainingBenchmark.Vit.FROZEN)) {
            model.eval();
            var image = input("image").narrow(0, 0, CHECKED);
            write(Map.of(TOKENS, encode(model, image)));
            var captions = Stream.of(1, 5)
                    .map(beams -> model.generate(image, GenerationBenchmark.search(beams)))
                    .toList();
            answer.put(CAPTIONS, captions);
        }
    }

    /** Losses without dropout. */
    private void trainingOutputs() {
        try (var scope = new PointerScope();
                var model = saved.load(TrainingBenchmark.Vit.FROZEN);
                var step = new TrainingStep(model)) {
            model.eval();
            var image = input("image");
            var tokens = encode(model, image);
            var checked = image.narrow(0, 0, CHECKED);
            float[] losses = {step.run(checked), step.run(checked)};
            write(Map.of(TOKENS, tokens, "losses", Tensors.of(losses, Devices.cpu())));
        }
    }

    private void decodeOutputs() {
        try (var scope = new PointerScope();
                var wide = new WideDecoder(work.resolve(WIDE), ScalarType.Float)) {
            write(Map.of("logits", wide.step().squeeze(0))); // (V)
        }
    }

    private void captions() {
        try (var scope = new PointerScope();
                var model = saved.load(TrainingBenchmark.Vit.FROZEN)) {
            model.eval();
            Tensor image = input("image"), images = input("images");
            timed("caption_beam5", 1, () -> model.generate(image, GenerationBenchmark.search(5)));
            timed("caption_greedy", 1, () -> model.generate(image, GenerationBenchmark.search(1)));
            timed("vit_forward", 1, () -> {
                try (var forward = new PointerScope()) {
                    encode(model, images);
                }
            });
        }
    }

    private void train(String name, TrainingBenchmark.Vit vit, boolean inBackward) {
        try (var scope = new PointerScope();
                var model = saved.load(vit);
                var step = new TrainingStep(model, inBackward)) {
            model.train(true);
            var image = vit == TrainingBenchmark.Vit.CACHED
                    ? tensor(work.resolve("training_outputs_hugging_face.safetensors"), TOKENS) // (B, N, D)
                    : input("image");
            JavaHeap.shrink(); // as the command train
            timed(name, 1, () -> step.run(image));
        }
    }

    private void decode() {
        var dtypes = Map.of(
                "decode_step_opt27b_width", ScalarType.Float,
                "decode_step_opt27b_width_bf16", ScalarType.BFloat16,
                "decode_step_opt27b_width_int8", ScalarType.Char);
        try (var memory = new MachineLimits.Memory(Devices.cpu())) {
            dtypes.forEach((name, dtype) -> {
                var rates = new ArrayList<Double>();
                try (var wide = new WideDecoder(work.resolve(WIDE), dtype)) {
                    timed(name, DECODED, () -> rates.add(memory.read()), () -> {
                        for (int i = 0; i < DECODED; i++) {
                            try (var scope = new PointerScope()) {
                                wide.step();
                            }
                        }
                    });
                }
                note("bandwidths", name, rates);
            });
        }
    }

    private void firstCaption() {
        long start = System.nanoTime();
        try (var model = saved.loadForUse()) {
            answer.put("seconds", Map.of("checkpoint_load", (System.nanoTime() - start) / 1e9));
            var processor = ImageProcessors.blipImageEval(model.visualEncoder().imageSize());
            var captioner = new Captioner(model, processor, GenerationBenchmark.search(5));
            var captions = captioner.caption(work.resolve("image.png"));
            System.out.println("caption: " + captions.get(0));
            answer.put(CAPTIONS, captions);
        }
    }

    private Tensor input(String name) {
        return tensor(work.resolve("inputs.safetensors"), name);
    }

    private static Tensor tensor(Path file, String name) {
        var found = SafeTensors.read(file).get(name);
        if (found == null) {
            throw new IllegalStateException("%s: expected a tensor \"%s\", found none".formatted(file, name));
        }
        return found;
    }

    private void write(Map<String, Tensor> tensors) {
        String name = answerFile.toString().replaceFirst("\\.json$", ".safetensors");
        SafeTensors.write(Path.of(name), tensors, Map.of());
    }

    private static Tensor encode(Blip2Opt model, Tensor images) {
        try (var noGrad = new NoGradGuard()) {
            return Scopes.keep(() -> model.visualEncoder().forward(images));
        }
    }

    private void timed(String name, int count, Runnable operation) {
        timed(name, count, () -> {}, operation);
    }

    /**
     * Notes the seconds of each operation, divided by what it counts, and their median; does something else before
     * each.
     */
    private void timed(String name, int count, Runnable before, Runnable operation) {
        operation.run();
        operation.run(); // the second step of training still takes new memory
        var seconds = new ArrayList<Double>();
        double total = 0;
        while (seconds.size() < 2 || total < budget) {
            before.run();
            long start = System.nanoTime();
            operation.run();
            double taken = (System.nanoTime() - start) / 1e9;
            seconds.add(taken / count);
            total += taken;
        }
        note("each", name, List.copyOf(seconds));
        seconds.sort(null);
        int half = seconds.size() / 2;
        double median = seconds.size() % 2 == 1 ? seconds.get(half) : (seconds.get(half - 1) + seconds.get(half)) / 2;
        note("seconds", name, median);
    }

    private void note(String what, String name, Object value) {
        @SuppressWarnings("unchecked") // this method alone writes it
        var all = (Map<String, Object>) answer.computeIfAbsent(what, key -> new LinkedHashMap<String, Object>());
        all.put(name, value);
    }
}
