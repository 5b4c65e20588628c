package io.lavis4j.dataset.vqa;

import io.lavis4j.dataset.ImagePaths;
import io.lavis4j.dataset.record.Fields;
import io.lavis4j.dataset.record.RecordReader;

/**
 * Reads and checks single records.
 *
 * @param images that they name
 * @param learned whether each needs an answer that can be learned
 */
record VqaRecordReader(VqaFormat format, ImagePaths images, boolean learned) implements RecordReader<VqaRecord> {

    @Override
    public VqaRecord read(Fields fields) {
        var record = format.read(fields, images);
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
