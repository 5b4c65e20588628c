package io.lavis4j.dataset.vqa;

import io.lavis4j.dataset.AnnotationException;
import io.lavis4j.io.JsonFile;
import io.lavis4j.io.JsonText;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The annotation files of a split by what they are, which their order says, as in LAVIS: in {@code train} all have
 * records; in other splits the first has records, the second is an answer list, the third and fourth are VQA's own
 * questions and annotations. All but the first may be left out, the last two together.
 *
 * @param records files of questions, at least one
 * @param answerList answers that one is chosen from; {@code null} if there is none
 * @param questions VQA's own; {@code null} if there is none
 * @param annotations VQA's own answers; {@code null} if there is none
 */
record VqaFiles(
        List<Path> records,
        @Nullable Path answerList,
        @Nullable Path questions,
        @Nullable Path annotations) {

    private static final String TRAIN = "train";
    private static final int ALL = 4;

    VqaFiles {
        records = List.copyOf(records);
    }

    static VqaFiles of(String split, List<Path> files) {
        if (split.equals(TRAIN)) {
            return new VqaFiles(files, null, null, null);
        }
        int count = files.size();
        return new VqaFiles(
                files.subList(0, 1),
                count > 1 ? files.get(1) : null,
                count == ALL ? files.get(2) : null,
                count == ALL ? files.get(ALL - 1) : null);
    }

    /** Whether a split may have so many files. */
    static boolean canBe(String split, int count) {
        return split.equals(TRAIN) || count <= 2 || count == ALL;
    }

    /**
     * Reads the answer list.
     *
     * @return empty if there is none
     * @throws AnnotationException if it cannot be read or is not a list of texts
     */
    List<String> answers() {
        if (answerList == null) {
            return List.of();
        }
        String expected = "a JSON list of answers, the second annotation file of a split";
        var answers = new ArrayList<String>();
        try {
            JsonFile.of(answerList, expected).elements((node, index) -> {
                if (!node.isTextual() || node.textValue().isBlank() || !JsonText.isWhole(node.textValue())) {
                    throw new AnnotationException("%s: answer %d is %s; expected %s"
                            .formatted(answerList.toAbsolutePath(), index, JsonText.found(node), expected));
                }
                answers.add(node.textValue());
            });
        } catch (UncheckedIOException e) {
            throw new AnnotationException(e);
        }
        return List.copyOf(answers);
    }
}
