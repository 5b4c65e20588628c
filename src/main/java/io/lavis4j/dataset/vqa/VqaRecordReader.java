package io.lavis4j.dataset.vqa;

import io.lavis4j.dataset.ImagePaths;
import io.lavis4j.dataset.record.Fields;
import io.lavis4j.dataset.record.RecordReader;

/** Reads and checks single records. */
final class VqaRecordReader implements RecordReader<VqaRecord> {

    private final VqaFormat format;
    private final ImagePaths images;
    private final boolean learned;
    private final SharedTexts shared = new SharedTexts();

    /**
     * A reader of one form.
     *
     * @param images that records name
     * @param learned whether each needs an answer that can be learned
     */
    VqaRecordReader(VqaFormat format, ImagePaths images, boolean learned) {
        this.format = format;
        this.images = images;
        this.learned = learned;
    }

    @Override
    public VqaRecord read(Fields fields) {
        var read = format.read(fields, images);
        var record = read.with(shared.of(read.answers()), read.groups());
        if (learned && record.answers().stream().allMatch(String::isBlank)) {
            throw fields.wrong(format.answerKey(), "an answer to learn, or a list of some");
        }
        return record;
    }

    @Override
    public String idKey() {
        return VqaFormat.QUESTION_ID;
    }

    @Override
    public boolean isKeyed() {
        return format == VqaFormat.GQA;
    }

    @Override
    public String id(VqaRecord record) {
        return record.questionId();
    }
}
