package io.lavis4j.dataset.caption;

import io.lavis4j.dataset.BuildInfo;
import io.lavis4j.dataset.DatasetConfig;
import io.lavis4j.dataset.SampleSource;
import io.lavis4j.dataset.Source;
import io.lavis4j.processor.ImagePipelines;
import io.lavis4j.processor.Processors;
import java.util.Set;

/**
 * Captions and the images that they are of.
 *
 * @param name the entry's key
 * @param files annotations by split, and the folders of images
 * @param processors of its images and texts
 * @param ids names of images in results
 * @param retrieval whether texts are to be found for images, not written
 */
record CaptionConfig(String name, BuildInfo files, Processors processors, ImageIds ids, boolean retrieval)
        implements DatasetConfig {

    @Override
    public Set<String> splits() {
        return files.splits();
    }

    /**
     * In evaluation, too, captions are made as in training, as it is they that the validation loss is of; texts to be
     * found are made by the processor for evaluation.
     */
    @Override
    public Source open(String split, boolean training) {
        var text = processors.text();
        return new SampleSource(
                new CaptionDataset(this, CaptionSplit.open(this, split, training)),
                training ? processors.vis().train() : processors.vis().eval(),
                retrieval && !training && text.has(Processors.EVAL) ? text.eval() : text.trainOrEval(),
                ImagePipelines.best());
    }
}
