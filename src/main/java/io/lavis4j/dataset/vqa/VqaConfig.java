package io.lavis4j.dataset.vqa;

import io.lavis4j.config.Section;
import io.lavis4j.dataset.BuildInfo;
import io.lavis4j.dataset.DatasetConfig;
import io.lavis4j.dataset.SampleSource;
import io.lavis4j.dataset.Source;
import io.lavis4j.processor.ImagePipelines;
import io.lavis4j.processor.Processors;
import io.lavis4j.processor.TextProcessor;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Questions, answers, and the images that they are about.
 *
 * @param name the entry's key
 * @param files annotations by split, see {@link VqaFiles}, and the folders of images
 * @param processors of its images and questions; in training one that asks puts the question into a template
 * @param format of its records
 */
record VqaConfig(String name, BuildInfo files, Processors processors, VqaFormat format) implements DatasetConfig {

    @Override
    public Set<String> splits() {
        return files.splits();
    }

    /** Empty: what is learned is the answer. */
    @Override
    public String textStart() {
        return "";
    }

    @Override
    public boolean hasTextOutput() {
        return true;
    }

    @Override
    public Source open(String split, boolean training) {
        var text = processors.text();
        return new SampleSource(
                VqaDataset.read(this, split, training),
                training ? processors.vis().train() : processors.vis().eval(),
                training ? text.trainOrEval() : new Questions(text.has(Processors.EVAL) ? text.eval() : text.train()),
                ImagePipelines.best());
    }

    /** Questions as a processor has them, which asks nothing: in evaluation the task's prompt does. */
    private record Questions(TextProcessor processor) implements TextProcessor {

        @Override
        public String process(String text) {
            return processor.process(text);
        }

        @Override
        public String prompt() {
            return processor.prompt();
        }
    }

    static VqaConfig read(
            String name, Section section, Processors processors, @Nullable Path dataRoot, VqaFormat format) {
        var files = BuildInfo.read(section, dataRoot);
        files.annotations().forEach((split, annotations) -> {
            if (!VqaFiles.canBe(split, annotations.size())) {
                section.problem(
                        "build_info",
                        "has %d annotation files of split %s; expected the questions alone, or with an answer list, or with that and VQA's own questions and annotations"
                                .formatted(annotations.size(), split));
            }
        });
        return new VqaConfig(name, files, processors, format);
    }
}
