package io.lavis4j.dataset.own;

import io.lavis4j.config.Section;
import io.lavis4j.dataset.AnnotationException;
import io.lavis4j.dataset.BuildInfo;
import io.lavis4j.dataset.DatasetConfig;
import io.lavis4j.dataset.OnBroken;
import io.lavis4j.dataset.SampleSource;
import io.lavis4j.dataset.Source;
import io.lavis4j.dataset.record.RecordFault;
import io.lavis4j.image.RegionMode;
import io.lavis4j.io.Listing;
import io.lavis4j.processor.ImagePipelines;
import io.lavis4j.processor.Processors;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Images and texts of one's own. In training each caption is a sample, in evaluation each image with all its captions,
 * or each question with all its answers.
 *
 * @param name the entry's key
 * @param source of images and texts
 * @param processors of these
 * @param regionMode how regions appear in images
 * @param heldOut key {@code val_fraction}: the share of a data set without other splits that is its split {@code val}
 */
record OwnConfig(String name, ImageTextSource source, Processors processors, RegionMode regionMode, HeldOut heldOut)
        implements DatasetConfig {

    private static final Logger LOG = LoggerFactory.getLogger(OwnConfig.class);
    private static final String TRAIN = "train";
    private static final String VAL = "val";
    private static final String FRACTION = "val_fraction";
    private static final int SPELT_OUT = 10;

    static OwnConfig readFolders(String name, Section entry, Processors processors, @Nullable Path dataRoot) {
        var folders = ImageFolders.read(entry, dataRoot);
        return new OwnConfig(name, folders, processors, RegionMode.NONE, heldOut(entry, folders));
    }

    static OwnConfig readTables(String name, Section entry, Processors processors, @Nullable Path dataRoot) {
        var tables = new ImageTables(BuildInfo.read(entry, dataRoot), Columns.read(entry));
        entry.check(
                !entry.has("region_mode") || tables.columns().region() != null,
                "region_mode",
                "left out where columns.region names no column");
        return new OwnConfig(
                name, tables, processors, entry.choice("region_mode", RegionMode.HIGHLIGHT), heldOut(entry, tables));
    }

    private static HeldOut heldOut(Section entry, ImageTextSource source) {
        double fraction = entry.number(FRACTION, 0);
        entry.check(fraction >= 0 && fraction < 1, FRACTION, "from 0 to below 1");
        entry.check(
                fraction == 0 || source.splits().equals(Set.of(TRAIN)),
                FRACTION,
                "0 where there are other splits than train, which are " + source.splits());
        return new HeldOut(fraction);
    }

    private boolean isDivided() {
        return heldOut.fraction() > 0;
    }

    @Override
    public Set<String> splits() {
        return isDivided() ? Set.of(TRAIN, VAL) : source.splits();
    }

    @Override
    public BuildInfo files() {
        return source.files();
    }

    @Override
    public boolean hasTextOutput() {
        return source.asks() || DatasetConfig.super.hasTextOutput();
    }

    /** In evaluation texts are made as in training, too: it is they that the validation loss is of. */
    @Override
    public Source open(String split, boolean training) {
        return new SampleSource(
                build(split, training),
                training ? processors.vis().train() : processors.vis().eval(),
                processors.text().trainOrEval(),
                ImagePipelines.best());
    }

    ImageTextDataset build(String split, boolean training) {
        String user = "data set %s, split %s".formatted(name, split);
        var read = source.read(name, isDivided() ? TRAIN : split, training ? OnBroken.SKIP : OnBroken.FAIL);
        var records = isDivided() ? divided(user, read.records(), split) : read.records();
        var samples = training ? ImageTextSamples.separate(records) : ImageTextSamples.joined(user, records);
        LOG.info("{}: {} samples", user, samples.size());
        return new ImageTextDataset(
                name,
                samples,
                regionMode,
                read.faults().stream().map(RecordFault::toString).toList());
    }

    private List<ImageText> divided(String user, List<ImageText> all, String split) {
        var records = heldOut.part(all, split.equals(VAL));
        var images = records.stream().map(ImageText::path).distinct().toList();
        if (images.isEmpty()) {
            throw new AnnotationException("%s: %s %s leaves it none of %d images; choose another share, or make splits"
                    .formatted(
                            user,
                            FRACTION,
                            heldOut.fraction(),
                            all.stream().map(ImageText::path).distinct().count()));
        }
        if (split.equals(VAL)) {
            LOG.info("{}: {} images are held out of training: {}", user, images.size(), Listing.of(images, SPELT_OUT));
        }
        return records;
    }
}
