package io.lavis4j.dataset.own;

import io.lavis4j.config.Section;
import org.jspecify.annotations.Nullable;

/**
 * The columns of a table, or fields of an object, that are read.
 *
 * @param image path of the image below a root; {@code image} if it is not said
 * @param text one caption or several; {@code caption} if neither text nor question is said; {@code null} for questions
 * @param question {@code null} for captions
 * @param answer one answer or several, of which one is drawn each time; {@code null} for captions
 * @param region boxes in pixels; {@code null} for whole images
 * @param id name of the sample; {@code null} for the path of the image
 */
record Columns(
        String image,
        @Nullable String text,
        @Nullable String question,
        @Nullable String answer,
        @Nullable String region,
        @Nullable String id) {

    static Columns read(Section entry) {
        var section = entry.sectionIfPresent("columns");
        var columns = section == null ? null : section.read(Columns::of);
        return columns == null ? new Columns("image", "caption", null, null, null, null) : columns;
    }

    private static Columns of(Section columns) {
        var text = columns.stringIfPresent("text");
        var question = columns.stringIfPresent("question");
        var answer = columns.stringIfPresent("answer");
        if ((question == null) != (answer == null)) {
            columns.problem(
                    question == null ? "question" : "answer", "is missing; expected both question and answer, or text");
        }
        columns.check(text == null || question == null, "text", "left out beside question and answer");
        return new Columns(
                columns.string("image", "image"),
                text == null && question == null ? "caption" : text,
                question,
                answer,
                columns.stringIfPresent("region"),
                columns.stringIfPresent("id"));
    }
}
