package io.lavis4j.zoo.huggingface;

import io.lavis4j.golden.GoldenCases;
import io.lavis4j.model.BaseModel;
import io.lavis4j.model.VisionEncoderConfig;
import io.lavis4j.model.blip2.Blip2Config;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.model.blip2.Blip2OptConfig;
import io.lavis4j.model.blip2.Blip2Qformer;
import io.lavis4j.model.blip2.Blip2QformerConfig;
import io.lavis4j.model.blip2.Blip2T5;
import io.lavis4j.model.blip2.Blip2T5Config;
import io.lavis4j.model.blip2.Blip2T5Instruct;
import io.lavis4j.model.blip2.Blip2T5InstructConfig;
import io.lavis4j.model.blip2.Blip2VicunaInstruct;
import io.lavis4j.model.blip2.Blip2VicunaInstructConfig;
import io.lavis4j.model.clipvit.ClipVitConfig;
import io.lavis4j.model.evavit.EvaVitConfig;
import io.lavis4j.model.llama.LlamaConfig;
import io.lavis4j.model.opt.OptConfig;
import io.lavis4j.model.qformer.QFormerConfig;
import io.lavis4j.model.t5.T5Config;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Precision;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.global.torch;

/** A small model of each class with random weights, and its tokenizers' folders. */
enum SmallModels {
    OPT("opt", false),
    T5("t5", false),
    INSTRUCT_T5("t5", true),
    INSTRUCT_VICUNA("llama", true),
    RETRIEVAL("bert", false);

    private static final Precision FP32 = Precision.FP32;

    private final String tokenizer;
    private final boolean instruct;

    SmallModels(String tokenizer, boolean instruct) {
        this.tokenizer = tokenizer;
        this.instruct = instruct;
    }

    private static Path folder(String tokenizer) {
        return GoldenCases.of("j_tokenizers").get(0).resolve(tokenizer);
    }

    SourceTokenizers tokenizers() {
        return new SourceTokenizers(folder(tokenizer), instruct ? folder("bert") : null);
    }

    /** Writes the model's folder and returns what became of the names. */
    ConversionReport save(Path target) {
        try (var model = make()) {
            var report = new ConversionReport();
            new Export<>(model, model.module().stateDict(), List.of(), report).write(target, tokenizers());
            return report;
        }
    }

    BaseModel make() {
        torch.manual_seed(11);
        return switch (this) {
            case OPT -> opt();
            case T5 -> t5();
            case INSTRUCT_T5 -> instructT5();
            case INSTRUCT_VICUNA -> instructVicuna();
            case RETRIEVAL -> retrieval();
        };
    }

    private static Blip2Config blip2(int maxTxtLen) {
        return blip2(maxTxtLen, EvaVitConfig.small(42, 0), 1e-6);
    }

    private static Blip2Config blip2(int maxTxtLen, VisionEncoderConfig vision, double eps) {
        var qformer = new QFormerConfig(8, 64, 2, 4, 256, 2, vision.numFeatures(), 384, 512, 1e-12, 0.1);
        return new Blip2Config(vision, eps, qformer, maxTxtLen, true, false, FP32);
    }

    private static Blip2Opt opt() {
        var opt = new OptConfig(420, 32, 2, 4, 64, 128, 32, true, false, 0.1, 1, 2, 2);
        var model = Blip2Opt.open(new Blip2OptConfig(blip2(32), opt, "", FP32), folder("opt"), Devices.cpu());
        model.initialize();
        return model;
    }

    /** One with a vision encoder that Hugging Face has not; without values. */
    static Blip2T5 withClip() {
        var config = new Blip2T5Config(blip2(32, ClipVitConfig.large(28), 1e-5), t5Config(), "", FP32);
        return Blip2T5.open(config, folder("t5"), Devices.cpu());
    }

    /** One whose Q-Former reads images alone; without values. */
    static Blip2T5Instruct withoutInstructions() {
        var config = new Blip2T5InstructConfig(blip2(128), t5Config(), "", 256, false, FP32);
        return Blip2T5Instruct.open(config, folder("t5"), null, Devices.cpu());
    }

    private static T5Config t5Config() {
        return new T5Config(440, 32, 8, 48, 2, 3, 4, 8, 16, 0.1, 1e-6, T5Config.DenseActFn.GELU, false, 0, 1, 0);
    }

    private static Blip2T5 t5() {
        var model = Blip2T5.open(new Blip2T5Config(blip2(32), t5Config(), "", FP32), folder("t5"), Devices.cpu());
        model.initialize();
        return model;
    }

    private static Blip2T5Instruct instructT5() {
        var config = new Blip2T5InstructConfig(blip2(128), t5Config(), "", 256, true, FP32);
        var model = Blip2T5Instruct.open(config, folder("t5"), folder("bert"), Devices.cpu());
        model.initialize();
        return model;
    }

    private static Blip2VicunaInstruct instructVicuna() {
        var llama = new LlamaConfig(420, 32, 48, 2, 4, 2, 8, 128, 1e-6, 20000, false, 0, 1, 2).withPadToken();
        var config = new Blip2VicunaInstructConfig(blip2(128), llama, "", 256, true, FP32);
        var model = Blip2VicunaInstruct.open(config, folder("llama"), folder("bert"), Devices.cpu());
        model.initialize();
        return model;
    }

    private static Blip2Qformer retrieval() {
        var model = Blip2Qformer.open(new Blip2QformerConfig(blip2(32), 16, FP32), folder("bert"), Devices.cpu());
        model.initializeUnset();
        return model;
    }
}
