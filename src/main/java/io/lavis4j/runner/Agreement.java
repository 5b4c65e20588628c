package io.lavis4j.runner;

import io.lavis4j.config.Section;
import io.lavis4j.dataset.DatasetConfig;
import io.lavis4j.features.FeatureCacheConfig;
import io.lavis4j.model.AnswerLearner;
import io.lavis4j.model.FeatureLearner;
import io.lavis4j.model.TrainableModel;
import io.lavis4j.processor.ImageProcessor;
import io.lavis4j.processor.InstructionProcessor;
import io.lavis4j.processor.Processors;
import io.lavis4j.task.TaskType;
import io.lavis4j.zoo.Architecture;
import io.lavis4j.zoo.ModelType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Settings of different sections that must fit each other. They are checked when every section has been read and before
 * anything is loaded; what cannot work is a problem of both keys, what LAVIS accepts and nobody means is a warning.
 *
 * @param root of the configuration
 * @param run what is trained and evaluated
 * @param model that images and texts are for
 */
record Agreement(Section root, RunConfig run, ModelType<?> model) {

    private static final Logger LOG = LoggerFactory.getLogger(Agreement.class);

    /** Each data set has the processors that its splits need, and they make images of the model's size. */
    void check(DataConfig data) {
        for (var dataset : data.datasets()) {
            var processors = dataset.processors();
            var phases = phases(data, dataset);
            for (String phase : phases) {
                if (processors.vis().has(phase)) {
                    checkImageSize(processors, phase);
                } else {
                    root.problem(
                            processors.vis().path(),
                            "has no \"%s\", which a split of this data set needs; expected a processor's name and arguments"
                                    .formatted(phase));
                }
            }
            if (!phases.isEmpty() && processors.text().isEmpty()) {
                root.problem(
                        processors.text().path(),
                        "has neither \"train\" nor \"eval\"; expected a processor's name and arguments");
            }
        }
    }

    /**
     * A data set has answers only for a model that learns any, which wants them in training; in evaluation it takes
     * captions for answers to their prompts. Whoever learns nothing, also no loss of an evaluation, may have answers.
     */
    void checkTexts(DataConfig data, Architecture<?> architecture, TaskType task) {
        boolean learnsAnswers = AnswerLearner.class.isAssignableFrom(architecture.model());
        boolean evaluationLearns = task.needs().contains(TrainableModel.class);
        for (var dataset : data.datasets()) {
            var text = dataset.processors().text();
            var phases = phases(data, dataset);
            if (phases.isEmpty() || text.isEmpty()) {
                continue;
            }
            if (dataset.hasTextOutput() && !learnsAnswers) {
                if (evaluationLearns || phases.contains(Processors.TRAIN)) {
                    refuseAnswers(dataset, architecture);
                }
            } else if (!dataset.hasTextOutput() && learnsAnswers && phases.contains(Processors.TRAIN)) {
                root.problem(
                        text.path(),
                        "gives captions alone, but %s learns text_output after text_input; expected one that asks, as blip_instruction"
                                .formatted(architecture.name()));
            }
        }
    }

    /** Vision features can be kept where they do not change: of a frozen encoder, and of views that come again. */
    void checkFeatures(DataConfig data, Architecture<?> architecture) {
        var kept = run.featureCache();
        if (run.evaluate() || !kept.isOn()) {
            return;
        }
        String key = "run." + FeatureCacheConfig.FEATURES;
        if (!FeatureLearner.class.isAssignableFrom(architecture.model())) {
            root.problem(
                    key,
                    "is on, but %s does not learn from features of images; set it to off"
                            .formatted(architecture.name()));
        } else if (!model.isVisionFrozen()) {
            root.problem(
                    key,
                    "is on, but model.freeze_vit is False, and features of an encoder that is trained change with every step; set model.freeze_vit=True, or this to off");
        }
        for (var dataset : data.with(run.splits().train())) {
            var images = dataset.processors().vis();
            if (images.has(Processors.TRAIN)) {
                checkFeatures(images.path() + "." + Processors.TRAIN, images.train());
            }
        }
    }

    private void checkFeatures(String path, ImageProcessor processor) {
        if (processor.identity() == null) {
            root.problem(
                    path,
                    "is a %s, which does not say what its result depends on, so that features made of it cannot be kept; have it override ImageProcessor.identity, or set run.%s=off"
                            .formatted(processor.getClass().getName(), FeatureCacheConfig.FEATURES));
        } else if (processor.isRandom() && run.featureCache().views() == null) {
            root.problem(
                    "run." + FeatureCacheConfig.FEATURES,
                    "is on, but %s draws another view of an image in each epoch; set run.%s to the number of views to keep of each, which are then all that training sees, or take a processor that does not draw, as blip_image_eval"
                            .formatted(path, FeatureCacheConfig.VIEWS));
        }
    }

    private void refuseAnswers(DatasetConfig dataset, Architecture<?> architecture) {
        var text = dataset.processors().text();
        if (text.trainOrEval() instanceof InstructionProcessor) {
            root.problem(
                    text.path(),
                    "asks for text_output, but %s learns text_input alone; expected one that does not, as blip_caption"
                            .formatted(architecture.name()));
        } else {
            root.problem(
                    "model.arch",
                    "is %s, which learns text_input alone, but data set %s has answers to learn; expected a model that learns text_output, as blip2_t5, or run.evaluate=True with a task that answers"
                            .formatted(architecture.name(), dataset.name()));
        }
    }

    /** The phases of a data set's images that this run needs. */
    private List<String> phases(DataConfig data, DatasetConfig dataset) {
        var phases = new ArrayList<String>();
        var splits = run.splits();
        if (!run.evaluate() && data.with(splits.train()).contains(dataset)) {
            phases.add(Processors.TRAIN);
        }
        if (Stream.concat(splits.valid().stream(), splits.test().stream())
                .anyMatch(split -> data.with(List.of(split)).equals(List.of(dataset)))) {
            phases.add(Processors.EVAL);
        }
        return phases;
    }

    /** Images of a phase, if it is configured, are of the model's size. */
    void checkImageSize(Processors processors, String phase) {
        processors.checkImageSize(root, phase, model.imageSize());
    }

    /** Warns when texts do not begin with what the model takes for its prompt, as wrong tokens are masked then. */
    static void warnOfPrompt(ModelType<?> model, List<DatasetConfig> datasets) {
        String prompt = model.prompt().strip();
        for (var dataset : datasets) {
            if (dataset.hasTextOutput()) {
                continue; // the prompt is a question, not the start of an answer
            }
            String start = dataset.textStart().strip();
            if (!prompt.isEmpty() && !start.equals(prompt)) {
                LOG.warn(
                        "model.prompt is \"{}\", but training texts of {} begin with \"{}\": the first tokens of each text"
                                + " are no targets, and generation starts from the prompt; set model.prompt to \"{}\"",
                        prompt,
                        dataset.name(),
                        start,
                        start);
            }
        }
    }
}
