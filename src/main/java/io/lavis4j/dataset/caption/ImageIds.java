package io.lavis4j.dataset.caption;

import io.lavis4j.dataset.record.Fields;
import java.util.regex.Pattern;

/** How the records of a data set name an image in results. */
enum ImageIds {
    /**
     * By the number that ends the file's name, as ground truth does: 184613 for {@code COCO_val2014_000000184613.jpg}.
     *
     * <p>Difference from LAVIS, which strips the characters of {@code .jpg} from both ends of the name: digits are
     * read.
     */
    NUMBER_OF_FILE {
        @Override
        String of(Fields record, String image) {
            var number = ENDS_IN_NUMBER.matcher(image);
            if (!number.matches()) {
                throw record.wrong(
                        "image",
                        "a file whose name is a number, or ends in _ and one, as COCO_val2014_000000184613.jpg");
            }
            return number.group(1);
        }
    },

    /** By the field {@code img_id}, as NoCaps does. */
    IMG_ID {
        @Override
        String of(Fields record, String image) {
            return record.id("img_id");
        }
    },

    /** By the file itself. */
    FILE {
        @Override
        String of(Fields record, String image) {
            return image;
        }
    };

    private static final Pattern ENDS_IN_NUMBER = Pattern.compile("(?:.*[/_])?0*(\\d{1,18})\\.[^./]+");

    /**
     * The name of a record's image.
     *
     * @throws io.lavis4j.dataset.record.FaultyValueException if the record does not have one
     */
    abstract String of(Fields record, String image);
}
