package io.lavis4j.zoo;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.config.Checks;
import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Section;
import io.lavis4j.io.JsonFile;
import io.lavis4j.model.blip2.Blip2Base;
import io.lavis4j.model.blip2.Blip2ConditionalGeneration;
import io.lavis4j.model.qformer.QFormer;
import io.lavis4j.tensor.Precision;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Device;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A type of a BLIP-2 model, by what all of them have: keys, files in the reference's order, and their errors. */
interface Blip2Type<M extends Blip2Base> extends ModelType<M> {

    Logger LOG = LoggerFactory.getLogger(ModelLoader.class);

    /** Keys of the vision encoder. */
    VisionKeys vision();

    /** Keys of the Q-Former. */
    QFormerKeys qformer();

    /** Keys of the checkpoint. */
    CheckpointKeys checkpoint();

    /** Parts of the Q-Former; one that reads texts needs a vocabulary. */
    QFormer.Parts parts();

    /** Keys of how the language model is stored; {@code null} in the first stage. */
    default @Nullable LanguageKeys language() {
        return null;
    }

    /** The language model's file; empty in the first stage. */
    default Optional<WeightSource<M>> languageModel() {
        return Optional.empty();
    }

    @Override
    default List<WeightSource<M>> sources() {
        Optional<WeightSource<M>> vocabulary = parts() == QFormer.Parts.QUERIES
                ? Optional.empty()
                : Optional.of(qformer().tokenizer());
        return Stream.of(
                        vision().<M>source(),
                        qformer().<M>source(Blip2Base::qformer),
                        vocabulary,
                        languageModel(),
                        checkpoint().<M>source())
                .flatMap(Optional::stream)
                .toList();
    }

    @Override
    default boolean isNew(String parameter) {
        return languageModel().stream().noneMatch(model -> parameter.startsWith(model.prefix()))
                && QFormerKeys.isNew(parameter);
    }

    @Override
    default int imageSize() {
        return vision().imageSize();
    }

    @Override
    default boolean isVisionFrozen() {
        return vision().freezeVit();
    }

    @Override
    default boolean interpolatePosEmbed() {
        return checkpoint().interpolatePosEmbed();
    }

    @Override
    default @Nullable String advice(String parameter, long[] found) {
        return languageModel()
                .map(model -> model.prefix().replace("_model.", ""))
                .filter(name -> parameter.startsWith(name + "_proj."))
                .map(name -> "it was trained with a language model of width %d: set %s_model to that one"
                        .formatted(found[0], name))
                .orElse(null);
    }

    @Override
    default void store(M model) {
        var language = language();
        if (language != null && model instanceof Blip2ConditionalGeneration<?, ?> secondStage) {
            secondStage.store(language.storage());
        }
    }

    /** A type of its parts. */
    interface Make<T> {
        T of(VisionKeys vision, QFormerKeys qformer, CheckpointKeys checkpoint);
    }

    /** Reads what all types have of a {@code model} section; what is wrong is noted in it. */
    static <T> T read(Section model, Make<T> make) {
        var vision = model.read(VisionKeys::read);
        var qformer = model.read(QFormerKeys::read);
        var checkpoint = model.read(CheckpointKeys::read);
        return make.of(Section.present(vision), Section.present(qformer), Section.present(checkpoint));
    }

    /** Refuses a lemmatizer for answers. */
    static void requireNoLemmatizer(Section model) {
        model.check(!model.flag("apply_lemmatizer", false), "apply_lemmatizer", "False, as there is no lemmatizer yet");
    }

    /** Reads the greatest length of a text, in tokens; at least 2. */
    static int length(Section model, String key, int absent) {
        int length = model.integer(key, absent);
        model.check(new Checks().atLeast(key, length, 2));
        return length;
    }

    /** The {@code config.json} beside a language model's weights. */
    static JsonNode configJson(Path folder) {
        return JsonFile.of(
                        folder.resolve("config.json"),
                        "the language model's configuration, which belongs beside its weights")
                .tree();
    }

    /** Makes a model, for which the configuration is to blame if that cannot be. */
    default M configured(Device device, Supplier<M> model) {
        if (vision().freezeVit() && vision().vitPrecision().on(device) == Precision.FP16) {
            LOG.info("The vision encoder is frozen and stored in fp16; model.vit_precision=fp32 stores it in fp32");
        }
        try {
            return model.get();
        } catch (IllegalArgumentException e) {
            throw new ConfigException(List.of("model: " + e.getMessage()));
        }
    }
}
