package io.lavis4j.check;

import java.util.Locale;

/** Kinds of what is found; the names in lower case are the keys in JSON. */
public enum Kind {
    /** A data set of the catalog that is not all there. */
    FILES_MISSING(Level.ERROR, "files and folders that are not there", ""),
    /** A split that cannot be opened. */
    ANNOTATIONS(Level.ERROR, "the annotations cannot be used", ""),
    /** Splits that do not make a run. */
    RUN(Level.ERROR, "the run cannot begin on these data", ""),
    /** Samples that end loading whatever is to be done about broken ones. */
    SAMPLE_FAILS(Level.ERROR, "samples that cannot be made", "Correct these records or take them out of the file."),
    /** The message that the run will end with. */
    LOADING_FAILS(
            Level.ERROR,
            "the run fails as it loads these images",
            "Bring the images; in training run.max_broken_share bears a larger share of them."),
    /** Folders that images are looked for in. */
    IMAGE_FOLDER(
            Level.WARNING,
            "folders of images that are not there",
            "Set data_root or build_info.images.storage to where they are."),
    /** Records that training does without. */
    RECORD_LEFT_OUT(
            Level.WARNING,
            "records that are left out",
            "Correct them or take them out of the file; training goes on without them."),
    /** Images without a file. */
    IMAGE_MISSING(
            Level.WARNING,
            "images that are not there",
            "Bring them; in training other samples take the place of theirs."),
    /** Images that are not whole or not images. */
    IMAGE_BROKEN(
            Level.WARNING,
            "images that cannot be read",
            "Replace them; in training other samples take the place of theirs."),
    /** Files of samples, and samples in them, that are not whole. */
    SHARD_FAULTY(
            Level.WARNING,
            "faults of shards and of samples in them",
            "Write these shards anew; in training the samples are left out."),
    /** Images whose regions are not where they should be. */
    SIZE_MISMATCH(
            Level.WARNING,
            "records that declare other proportions than their image has",
            "Correct width and height of the records, or bring the images that they are of."),
    /** Images whose regions are moved. */
    SIZE_SCALED(
            Level.NOTE,
            "records that declare another size of the same proportions",
            "Nothing: their boxes are scaled."),
    /** Boxes of which nothing is seen. */
    BOX_OUTSIDE(Level.WARNING, "boxes outside of their image", "Correct them: nothing is drawn for them."),
    /** Boxes of which a part is seen. */
    BOX_BEYOND(Level.WARNING, "boxes that reach beyond their image", "Nothing, if that is meant: they are cut off."),
    /** Boxes without an area. */
    BOX_EMPTY(Level.WARNING, "boxes without width or height", "Correct them: a line is all that is drawn for them."),
    /** Names of results that are not unique. */
    ID_TWICE(
            Level.WARNING,
            "records with the id of another",
            "Give each an id of its own; in evaluation this is an error."),
    /** Equal images under different names. */
    IMAGE_TWICE(Level.WARNING, "files with the content of another", "Keep one of them, unless their records differ."),
    /** Images that scores say little about. */
    IMAGE_TRAINED_ON(
            Level.WARNING,
            "images of evaluation that are trained on, too",
            "Take them out of one of the splits: scores on them say little."),
    /** Texts with nothing to learn. */
    TEXT_EMPTY(Level.WARNING, "texts without a word", "Correct them or take them out: nothing is learned of them."),
    /** Texts with an end that is not learned. */
    TEXT_CUT(Level.WARNING, "texts that are cut", "Raise the limit, or let the text processor take fewer words."),
    /** Lengths of texts that are not known. */
    TEXT_NOT_CHECKED(Level.NOTE, "lengths of texts are not checked", ""),
    /** Equal images that would not be noticed. */
    IMAGES_NOT_COMPARED(Level.NOTE, "not all images are compared with one another", ""),
    /** Conditions of the data's owner. */
    TERMS(Level.NOTE, "terms of use", "");

    private final Level level;
    private final String title;
    private final String advice;

    Kind(Level level, String title, String advice) {
        this.level = level;
        this.title = title;
        this.advice = advice;
    }

    /** How bad it is. */
    public Level level() {
        return level;
    }

    /** It in words, before a number. */
    public String title() {
        return title;
    }

    /** What to do; empty where the examples say it. */
    public String advice() {
        return advice;
    }

    /** In JSON. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
