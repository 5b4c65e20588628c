package io.lavis4j.dataset.caption;

import io.lavis4j.dataset.AnnotationException;
import io.lavis4j.dataset.ImagePaths;
import io.lavis4j.dataset.OnBroken;
import io.lavis4j.dataset.record.Annotations;
import io.lavis4j.dataset.record.RecordFault;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The captions of one split as they are made into samples: in training each caption is one, in evaluation each image.
 *
 * @param samples in training with one caption each
 * @param paths of their images
 * @param leftOut records that are not among them, and why
 */
record CaptionSplit(List<ImageCaptions> samples, ImagePaths paths, List<String> leftOut) {

    private static final Logger LOG = LoggerFactory.getLogger(CaptionSplit.class);
    private static final String EXPECTED =
            "a JSON list of records with image and caption, as in coco_karpathy_train.json";

    CaptionSplit {
        samples = List.copyOf(samples);
        leftOut = List.copyOf(leftOut);
    }

    /**
     * Reads a split.
     *
     * @param training leaves faulty records out; evaluation fails on them
     * @throws AnnotationException if a file is not there or cannot be used
     */
    static CaptionSplit open(CaptionConfig config, String split, boolean training) {
        var files = config.files().locate(config.name(), split);
        var paths = new ImagePaths(config.files().imageRoots());
        var reader = training
                ? new CaptionReader(paths, ImageIds.FILE, true)
                : new CaptionReader(paths, config.ids(), config.ids() != ImageIds.IMG_ID);
        var read = Annotations.read(files, EXPECTED, training ? OnBroken.SKIP : OnBroken.FAIL, reader);
        var samples = training ? ofCaptions(read.records()) : ofImages(files, read.records());
        String user = "data set %s, split %s".formatted(config.name(), split);
        if (samples.isEmpty()) {
            throw new AnnotationException(
                    "%s: none of the records of %s can be used, %d are faulty".formatted(user, files, read.skipped()));
        }
        LOG.info("{}: {} samples", user, samples.size());
        return new CaptionSplit(
                samples,
                paths,
                read.faults().stream().map(RecordFault::toString).toList());
    }

    private static List<ImageCaptions> ofCaptions(List<ImageCaptions> records) {
        var samples = new ArrayList<ImageCaptions>(records.size());
        for (var record : records) {
            if (record.captions().size() == 1) {
                samples.add(record);
            } else {
                for (String caption : record.captions()) {
                    samples.add(new ImageCaptions(record.image(), record.id(), List.of(caption)));
                }
            }
        }
        return samples;
    }

    /** An image that several records are of has the captions of all. */
    private static List<ImageCaptions> ofImages(List<Path> files, List<ImageCaptions> records) {
        var images = new LinkedHashMap<String, ImageCaptions>();
        for (var record : records) {
            var known = images.putIfAbsent(record.id(), record);
            if (known == null) {
                continue;
            }
            if (!known.image().equals(record.image())) {
                throw new AnnotationException(
                        "%s: images %s and %s both have the id %s; expected one of its own for each, because results are keyed by it"
                                .formatted(files, known.image(), record.image(), record.id()));
            }
            var captions = new ArrayList<>(known.captions());
            captions.addAll(record.captions());
            images.put(record.id(), new ImageCaptions(record.image(), record.id(), captions));
        }
        return List.copyOf(images.values());
    }
}
