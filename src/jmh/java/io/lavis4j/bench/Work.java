package io.lavis4j.bench;

import io.lavis4j.bench.Cost.Passes;
import io.lavis4j.bench.OperatorBenchmark.Op;
import io.lavis4j.bench.PassBenchmark.Part;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.Tensors;
import java.util.Locale;
import java.util.Set;
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * The work of one operation of a benchmark, known from its parameters.
 *
 * @param name model and pass
 * @param input shape of the input
 * @param samples images, rows of a language model, operators, checkpoints
 * @param tokens written or scored, 0 if none
 * @param flops useful ones, 0 if none
 * @param recomputedFlops those of gradient checkpointing
 * @param bytes that have to move between memory and processor, 0 if none are known
 * @param products type in which matrices are multiplied
 */
record Work(
        String name,
        String input,
        long samples,
        long tokens,
        double flops,
        double recomputedFlops,
        double bytes,
        Precision products) {

    private static final Set<String> TIME_ALONE = Set.of("ImageBenchmark");

    /** The passes of a training step together. */
    private Work(String name, String input, long samples, long tokens, Cost cost, Precision products) {
        this(
                name,
                input,
                samples,
                tokens,
                cost.flops().forward() + cost.flops().backward(),
                cost.flops().recomputed(),
                cost.bytes().total(),
                products);
    }

    /** Whether there is more to say of a benchmark than its time. */
    static boolean isKnown(BenchmarkParams params) {
        return !TIME_ALONE.contains(type(params));
    }

    private static String type(BenchmarkParams params) {
        String[] path = params.getBenchmark().split("\\.", -1);
        return path[path.length - 2];
    }

    /** The work of a benchmark that JMH is about to run or has run. */
    static Work of(BenchmarkParams params) {
        String pass = params.getBenchmark().replaceFirst(".*\\.", "");
        var setting = Setting.of(params);
        return switch (type(params)) {
            case "PassBenchmark" -> pass(setting, Part.of(params.getParam("part")), pass);
            case "TokenBenchmark" -> tokens(setting, Part.of(params.getParam("part")));
            case "TrainingBenchmark" -> training(setting, TrainingBenchmark.Vit.of(params.getParam("vit")));
            case "GenerationBenchmark" -> generation(setting, Integer.parseInt(params.getParam("beams")));
            case "ScoringBenchmark" -> scoring(setting);
            case "CheckpointBenchmark" -> checkpoint(setting, params.getParam("format"), pass);
            case "CollationBenchmark" -> collation(setting);
            case "OperatorBenchmark" -> operator(Op.of(params.getParam("op")));
            default -> throw new IllegalStateException("no work is known for " + params.getBenchmark());
        };
    }

    private static Work pass(Setting setting, Part part, String pass) {
        var size = setting.shapes();
        var stored = setting.precision();
        long P = PassBenchmark.PREFIX + TrainingBenchmark.TEXT_TOKENS, T = TrainingBenchmark.TEXT_TOKENS;
        String rows = Tensors.shape(setting.batch, P);
        var cost = switch (part) {
            case EVA_VIT -> Cost.of(size.evaVit(), stored);
            case CLIP_VIT -> Cost.of(size.clipVit(), stored);
            case QFORMER -> Cost.of(size.qformer(), size.imageTokens(), stored);
            case OPT -> Cost.of(size.opt(), P, P, stored);
            case LLAMA -> Cost.of(size.llama(), P, P, stored);
            case T5 -> Cost.encoder(size.t5(), P, stored).plus(Cost.decoder(size.t5(), T, T, P, stored));
        };
        String input = switch (part) {
            case EVA_VIT, CLIP_VIT -> images(setting);
            case QFORMER ->
                Tensors.shape(setting.batch, size.imageTokens(), size.qformer().encoderWidth());
            case OPT, LLAMA -> rows;
            case T5 -> rows + " " + Tensors.shape(setting.batch, T);
        };
        var all = cost.samples(setting.batch);
        return new Work(
                part + " " + pass, input, setting.batch, 0, of(all.flops(), pass), 0, of(all.bytes(), pass), stored);
    }

    private static double of(Passes passes, String pass) {
        return pass.equals("forward") ? passes.forward() : passes.backward();
    }

    private static Work tokens(Setting setting, Part part) {
        var size = setting.shapes();
        var stored = setting.precision();
        double B = setting.batch, P = PassBenchmark.PREFIX;
        Cost total = null;
        for (int own = 1; own <= TokenBenchmark.TOKENS; own++) {
            var step = step(part, size, B, P, own, stored);
            total = total == null ? step : total.plus(step);
        }
        if (total == null) {
            throw new IllegalStateException("expected at least one token");
        }
        return new Work(
                "%s, %d tokens".formatted(part, TokenBenchmark.TOKENS),
                Tensors.shape(setting.batch, PassBenchmark.PREFIX),
                setting.batch,
                (long) setting.batch * TokenBenchmark.TOKENS,
                total.flops().forward(),
                0,
                total.bytes().forward(),
                stored);
    }

    /** Token {@code own} of each of B rows. */
    private static Cost step(Part part, Size size, double B, double P, int own, Precision stored) {
        return switch (part) {
            case OPT -> {
                var c = size.opt();
                yield Cost.of(c, 1, P + own, stored)
                        .plus(Cost.words(1, c.hiddenSize(), c.vocabSize(), stored))
                        .samples(B)
                        .plus(Cost.kept(B * (P + own), c.hiddenSize(), c.numHiddenLayers(), stored));
            }
            case LLAMA -> {
                var c = size.llama();
                double shared = (double) c.numKeyValueHeads() * c.headDim();
                yield Cost.of(c, 1, P + own, stored)
                        .plus(Cost.words(1, c.hiddenSize(), c.vocabSize(), stored))
                        .samples(B)
                        .plus(Cost.kept(B * (P + own), shared, c.numHiddenLayers(), stored));
            }
            case T5 -> {
                var c = size.t5();
                double heads = (double) c.numHeads() * c.dKv();
                yield Cost.decoder(c, 1, 1 + own, P, stored)
                        .plus(Cost.words(1, c.dModel(), c.vocabSize(), stored))
                        .samples(B)
                        .plus(Cost.kept(B * (P + 1 + own), heads, c.numDecoderLayers(), stored));
            }
            default -> throw new IllegalStateException(part + " writes no tokens");
        };
    }

    private static Work training(Setting setting, TrainingBenchmark.Vit vit) {
        return new Work(
                "Blip2Opt step, ViT " + vit.toString().toLowerCase(Locale.ROOT),
                images(setting),
                setting.batch,
                0,
                Cost.training(setting.shapes(), vit, setting.batch, TrainingBenchmark.TEXT_TOKENS, setting.precision()),
                setting.precision());
    }

    private static Work generation(Setting setting, int beams) {
        int tokens = GenerationBenchmark.NEW_TOKENS;
        return new Work(
                "Blip2Opt generate, %d beam%s".formatted(beams, beams == 1 ? "" : "s"),
                images(setting),
                setting.batch,
                (long) setting.batch * tokens,
                Cost.generation(setting.shapes(), setting.batch, beams, tokens, setting.precision()),
                setting.precision());
    }

    private static Work scoring(Setting setting) {
        long S = setting.shapes().evaVit().imageSize(), tokens = ScoringBenchmark.tokens();
        return new Work(
                "Blip2Opt score, %d texts".formatted(ScoringBenchmark.TEXTS),
                Tensors.shape(1, 3, S, S),
                1,
                tokens,
                Cost.scoring(setting.shapes(), ScoringBenchmark.TEXTS, tokens, setting.precision()),
                setting.precision());
    }

    private static Work checkpoint(Setting setting, String format, String pass) {
        long numbers = CheckpointBenchmark.numbers(setting.shapes().opt());
        double bytes = (double) numbers * (setting.precision() == Precision.FP32 ? Float.BYTES : Short.BYTES);
        return new Work(
                "checkpoint %s, %s".formatted(pass, format),
                "%d numbers".formatted(numbers),
                1,
                0,
                0,
                0,
                pass.equals("map") ? 0 : 2 * bytes, // read and written
                setting.precision());
    }

    private static Work collation(Setting setting) {
        long S = setting.shapes().evaVit().imageSize();
        return new Work(
                "collation",
                images(setting),
                setting.batch,
                (long) setting.batch * TrainingBenchmark.TEXT_TOKENS,
                0,
                0,
                2.0 * Float.BYTES * setting.batch * 3 * S * S, // read and written
                setting.precision());
    }

    private static Work operator(Op op) {
        return new Work(op.toString(), "see OperatorBenchmark", 1, 0, op.flops, 0, op.bytes, Precision.FP32);
    }

    private static String images(Setting setting) {
        long S = setting.shapes().evaVit().imageSize();
        return Tensors.shape(setting.batch, 3, S, S);
    }
}
