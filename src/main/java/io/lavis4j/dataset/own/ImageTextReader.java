package io.lavis4j.dataset.own;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.dataset.ImagePaths;
import io.lavis4j.dataset.record.FaultyValueException;
import io.lavis4j.dataset.record.Fields;
import io.lavis4j.dataset.record.RecordReader;
import io.lavis4j.image.Box;
import io.lavis4j.io.Listing;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads records by the columns that a configuration chooses. */
final class ImageTextReader implements RecordReader<ImageText> {

    private static final String REGION =
            "[left, top, width, height] in pixels, a list of such, or a text \"left,top,width,height\", several with ; between them";
    private static final double FARTHEST = 1e9;

    private final Columns columns;
    private final ImagePaths images;
    private boolean regions;

    ImageTextReader(Columns columns, ImagePaths images) {
        this.columns = columns;
        this.images = images;
    }

    @Override
    public String idKey() {
        var id = columns.id();
        return id == null ? columns.image() : id;
    }

    /** None: several records may be of one sample. */
    @Override
    public @Nullable String id(ImageText record) {
        return null;
    }

    @Override
    public boolean joinsImages() {
        return true;
    }

    /** Whether any record had the column of regions. */
    boolean sawRegions() {
        return regions;
    }

    @Override
    public ImageText read(Fields record) {
        String path = record.image(present(record, columns.image()), images);
        var id = columns.id() == null ? null : record.id(present(record, columns.id()));
        var question = columns.question() == null ? null : record.text(present(record, columns.question()));
        String text = Objects.requireNonNull(question == null ? columns.text() : columns.answer());
        return new ImageText(id, images.file(path), path, boxes(record), question, record.texts(present(record, text)));
    }

    /** The column, which the record has. */
    private static String present(Fields record, String column) {
        if (!record.has(column)) {
            throw new FaultyValueException(
                    column,
                    record.names().contains(column) ? "is empty" : "is missing",
                    "a value; the columns are " + Listing.of(record.names()));
        }
        return column;
    }

    private List<Box> boxes(Fields record) {
        var column = columns.region();
        if (column == null) {
            return List.of();
        }
        regions |= record.names().contains(column);
        if (!record.has(column)) {
            return List.of();
        }
        var boxes = new ArrayList<Box>();
        for (var numbers : lists(record.get(column))) {
            var box = box(numbers);
            if (box == null) {
                throw record.wrong(column, REGION);
            }
            boxes.add(box);
        }
        return boxes;
    }

    /** Lists of numbers, which need not be four. */
    private static List<List<Double>> lists(JsonNode region) {
        var lists = new ArrayList<List<Double>>();
        if (region.isTextual()) {
            for (String part : region.textValue().split(";", -1)) {
                lists.add(numbers(part));
            }
        } else if (region.path(0).isArray()) {
            region.forEach(inner -> lists.add(numbers(inner)));
        } else {
            lists.add(numbers(region));
        }
        return lists;
    }

    private static List<Double> numbers(String text) {
        var numbers = new ArrayList<Double>();
        for (String part : text.split(",", -1)) {
            try {
                numbers.add(Double.valueOf(part.strip()));
            } catch (NumberFormatException e) {
                return List.of();
            }
        }
        return numbers;
    }

    private static List<Double> numbers(JsonNode list) {
        var numbers = new ArrayList<Double>();
        list.forEach(number -> numbers.add(number.isNumber() ? number.doubleValue() : Double.NaN));
        return numbers;
    }

    private static @Nullable Box box(List<Double> numbers) {
        if (numbers.size() != 4 || !numbers.stream().allMatch(x -> Math.abs(x) <= FARTHEST)) {
            return null;
        }
        int[] box = numbers.stream().mapToInt(x -> (int) Math.floor(x + 0.5)).toArray();
        return box[2] < 0 || box[3] < 0 ? null : new Box(box[0], box[1], box[2], box[3]);
    }
}
