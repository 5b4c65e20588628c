package io.lavis4j.bench;

import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.Tensors;
import java.util.Locale;
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * The work of one operation of a benchmark, known from its parameters.
 *
 * @param name model and pass
 * @param input shape of the input
 * @param samples images
 * @param tokens written or scored, 0 if none
 * @param flops useful ones
 * @param recomputedFlops those of gradient checkpointing
 * @param products type in which matrices are multiplied
 */
record Work(
        String name,
        String input,
        long samples,
        long tokens,
        double flops,
        double recomputedFlops,
        Precision products) {

    /** The work of a benchmark that JMH is about to run or has run. */
    static Work of(BenchmarkParams params) {
        String[] path = params.getBenchmark().split("\\.", -1);
        String pass = path[path.length - 1];
        var setting = Setting.of(params);
        return switch (path[path.length - 2]) {
            case "VitBenchmark" -> vit(setting, VitBenchmark.Model.of(params.getParam("model")), pass);
            case "QFormerBenchmark" -> qformer(setting, pass);
            case "TrainingBenchmark" -> training(setting, TrainingBenchmark.Vit.of(params.getParam("vit")));
            case "GenerationBenchmark" -> generation(setting, Integer.parseInt(params.getParam("beams")));
            case "ScoringBenchmark" -> scoring(setting);
            default -> throw new IllegalStateException("no work is known for " + params.getBenchmark());
        };
    }

    private static Work vit(Setting setting, VitBenchmark.Model model, String pass) {
        var config = model.config(setting.shapes());
        var flops = model == VitBenchmark.Model.EVA
                ? Flops.of(setting.shapes().evaVit())
                : Flops.of(setting.shapes().clipVit());
        return new Work(
                config.getClass().getSimpleName().replace("Config", "") + " " + pass,
                images(setting),
                setting.batch,
                0,
                setting.batch * (pass.equals("forward") ? flops.forward() : flops.backward()),
                0,
                setting.precision());
    }

    private static Work qformer(Setting setting, String pass) {
        var shapes = setting.shapes();
        var flops = Flops.of(shapes.qformer(), shapes.imageTokens());
        return new Work(
                "QFormer " + pass,
                Tensors.shape(
                        setting.batch, shapes.imageTokens(), shapes.qformer().encoderWidth()),
                setting.batch,
                0,
                setting.batch * (pass.equals("forward") ? flops.forward() : flops.backward()),
                0,
                setting.precision());
    }

    private static Work training(Setting setting, TrainingBenchmark.Vit vit) {
        var flops = Flops.training(setting.shapes(), vit, TrainingBenchmark.TEXT_TOKENS);
        return new Work(
                "Blip2Opt step, ViT " + vit.toString().toLowerCase(Locale.ROOT),
                images(setting),
                setting.batch,
                0,
                setting.batch * (flops.forward() + flops.backward()),
                setting.batch * flops.recomputed(),
                setting.precision());
    }

    private static Work generation(Setting setting, int beams) {
        int tokens = GenerationBenchmark.NEW_TOKENS;
        return new Work(
                "Blip2Opt generate, %d beam%s".formatted(beams, beams == 1 ? "" : "s"),
                images(setting),
                setting.batch,
                (long) setting.batch * tokens,
                setting.batch
                        * Flops.generation(setting.shapes(), beams, tokens).forward(),
                0,
                setting.precision());
    }

    private static Work scoring(Setting setting) {
        long S = setting.shapes().evaVit().imageSize(), tokens = ScoringBenchmark.tokens();
        return new Work(
                "Blip2Opt score, %d texts".formatted(ScoringBenchmark.TEXTS),
                Tensors.shape(1, 3, S, S),
                1,
                tokens,
                Flops.scoring(setting.shapes(), ScoringBenchmark.TEXTS, tokens).forward(),
                0,
                setting.precision());
    }

    private static String images(Setting setting) {
        long S = setting.shapes().evaVit().imageSize();
        return Tensors.shape(setting.batch, 3, S, S);
    }
}
