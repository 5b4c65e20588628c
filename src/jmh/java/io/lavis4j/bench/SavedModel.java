package io.lavis4j.bench;

import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.model.BaseModel;
import io.lavis4j.model.blip2.Blip2Config;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.model.blip2.Blip2OptConfig;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Precision;
import io.lavis4j.zoo.LocatedWeights;
import io.lavis4j.zoo.ModelLoader;
import io.lavis4j.zoo.ModelType;
import io.lavis4j.zoo.WeightFiles;
import io.lavis4j.zoo.WeightSource;
import io.lavis4j.zoo.huggingface.HuggingFaceFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;

/**
 * The model that a peer saved: a folder of Hugging Face's, or a checkpoint of LAVIS's of the size {@code base}.
 *
 * @param weights folder or checkpoint
 * @param tokenizer folder of the tokenizer that goes with a checkpoint
 */
record SavedModel(Path weights, Path tokenizer) {

    /** The model with its vision encoder frozen or trained; the caller closes it. */
    Blip2Opt load(TrainingBenchmark.Vit vit) {
        UnaryOperator<Blip2Config> change = saved -> new Blip2Config(
                saved.vision(),
                saved.lnVisionEps(),
                saved.qformer(),
                TrainingBenchmark.TEXT_TOKENS,
                vit.isFrozen(),
                vit.isRecomputed(),
                vit.granularity(),
                Precision.FP32);
        return Files.isDirectory(weights) ? ofFolder(change) : ofCheckpoint(change);
    }

    /** The model for use alone, all of it in the mapped files, as the program's captions have it. */
    Blip2Opt loadForUse() {
        try (var noGradients = new NoGradGuard()) {
            return Files.isDirectory(weights)
                    ? (Blip2Opt) HuggingFaceFolder.load(weights, Devices.cpu()).model()
                    : ofCheckpoint(UnaryOperator.identity());
        }
    }

    @SuppressWarnings("unchecked") // the folder's model is asked for its class before it is used
    private Blip2Opt ofFolder(UnaryOperator<Blip2Config> change) {
        var type = (ModelType<BaseModel>) HuggingFaceFolder.type(weights);
        var loaded = new ModelLoader(WeightFiles.in(List.of())).load(new Changed(weights, type, change), Devices.cpu());
        return (Blip2Opt) loaded.model();
    }

    private Blip2Opt ofCheckpoint(UnaryOperator<Blip2Config> change) {
        var size = Size.of("base");
        var saved = new Blip2Config(
                size.evaVit(),
                Blip2Config.LN_VISION_EPS,
                size.qformer(),
                TrainingBenchmark.TEXT_TOKENS,
                true,
                false,
                Precision.FP32);
        var config = new Blip2OptConfig(change.apply(saved), size.opt(), "", Precision.FP32);
        var model = Blip2Opt.open(config, tokenizer, Devices.cpu());
        try (var scope = new PointerScope()) {
            model.load(Checkpoints.stateDict(weights));
        }
        if (!model.unsetParameters().isEmpty()) {
            throw new IllegalStateException("%s: expected all weights of the model, these are not in it: %s"
                    .formatted(weights, model.unsetParameters()));
        }
        return model;
    }

    /**
     * A folder's model with another half before the language model.
     *
     * @param folder has the tokenizer
     * @param saved type of the folder's own model
     * @param change from its shape to this one's
     */
    private record Changed(Path folder, ModelType<BaseModel> saved, UnaryOperator<Blip2Config> change)
            implements ModelType<BaseModel> {

        @Override
        public List<WeightSource<BaseModel>> sources() {
            return saved.sources();
        }

        @Override
        public BaseModel create(LocatedWeights files, Device device) {
            try (var model = (Blip2Opt) saved.create(files, device)) {
                var config = model.config();
                return Blip2Opt.open(
                        new Blip2OptConfig(
                                change.apply(config.blip2()), config.opt(), config.prompt(), config.precision()),
                        folder,
                        device);
            }
        }

        @Override
        public boolean isNew(String parameter) {
            return saved.isNew(parameter);
        }

        @Override
        public int imageSize() {
            return saved.imageSize();
        }
    }
}
