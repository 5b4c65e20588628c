package io.lavis4j.zoo;

import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.model.blip2.Blip2OptConfig;
import io.lavis4j.tokenize.Tokenizer;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Device;
import org.jspecify.annotations.Nullable;

/** The names of the files that {@link TinyFiles} writes; {@code null} for a part that starts from none. */
record TinyNames(
        @Nullable String vision,
        @Nullable String bert,
        String opt,
        @Nullable String checkpoint) {

    private static final ModelType<Blip2Opt> PUBLISHED = ModelZoo.BLIP2_OPT.type("pretrain_opt2.7b");

    /** A type of these files and any shape. */
    Type type(Blip2OptConfig config) {
        return new Type(config, this, false);
    }

    record Type(Blip2OptConfig config, TinyNames names, boolean interpolatePosEmbed) implements ModelType<Blip2Opt> {

        @Override
        public List<WeightSource<Blip2Opt>> sources() {
            var vision = names.vision();
            var bert = names.bert();
            var checkpoint = names.checkpoint();
            return Stream.<@Nullable WeightSource<Blip2Opt>>of(
                            vision == null
                                    ? null
                                    : VisionKeys.source(vision, config.blip2().vision()),
                            bert == null ? null : QFormerKeys.source(bert, Blip2Opt::qformer),
                            Blip2OptType.languageModel(names.opt()),
                            checkpoint == null ? null : CheckpointKeys.source(checkpoint))
                    .filter(Objects::nonNull)
                    .toList();
        }

        @Override
        public Blip2Opt create(LocatedWeights files, Device device) {
            var folder = files.of("language model");
            var shape = Blip2OptType.shape(folder).withDropout(config.opt().dropout());
            return new Blip2Opt(
                    new Blip2OptConfig(config.blip2(), shape, config.prompt(), config.precision()),
                    Tokenizer.opt(folder),
                    device);
        }

        @Override
        public boolean isNew(String parameter) {
            return PUBLISHED.isNew(parameter);
        }

        @Override
        public int imageSize() {
            return config.blip2().vision().imageSize();
        }

        @Override
        public @Nullable String advice(String parameter, long[] found) {
            return PUBLISHED.advice(parameter, found);
        }
    }
}
