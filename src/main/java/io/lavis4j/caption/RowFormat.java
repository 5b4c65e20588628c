package io.lavis4j.caption;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lavis4j.io.DelimitedText;
import io.lavis4j.io.JsonText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How rows are written, and told from a file again. */
sealed interface RowFormat {

    /** An image and a prompt whose rows are whole. */
    record Done(String image, String prompt) {}

    /** The text before the first row. */
    String header();

    /** The rows of an image and a prompt, each with its line break. */
    String rows(String image, Captioned result);

    /** Whether a line break within quotes belongs to a value. */
    boolean quotes();

    /**
     * The next rows of one image and prompt; {@code null} if there are no whole ones.
     *
     * @throws IOException if there are others than these
     */
    @Nullable
    Done read(RowReader rows) throws IOException;

    /**
     * JSON objects, one for each image and prompt: {@code image}, {@code prompt}, and {@code caption}, {@code captions}
     * where several are asked for, or {@code error}.
     */
    record JsonRows() implements RowFormat {

        @Override
        public String header() {
            return "";
        }

        @Override
        public String rows(String image, Captioned result) {
            var object = new LinkedHashMap<String, Object>();
            object.put("image", image);
            object.put("prompt", result.prompt());
            if (result.problem() != null) {
                object.put("error", result.problem());
            } else if (result.captions().size() == 1) {
                object.put("caption", result.captions().get(0));
            } else {
                object.put("captions", result.captions());
            }
            return JsonText.of(object) + "\n";
        }

        @Override
        public boolean quotes() {
            return false;
        }

        @Override
        public @Nullable Done read(RowReader rows) throws IOException {
            byte[] row = rows.next();
            if (row == null) {
                return null;
            }
            var object = JsonText.parse(row);
            if (!object.path("image").isTextual() || !object.path("prompt").isTextual()) {
                throw new IOException("it has no image and prompt");
            }
            return new Done(
                    object.path("image").textValue(), object.path("prompt").textValue());
        }
    }

    /**
     * CSV by RFC 4180, with a column for what an image is, its prompt, its caption and its error; where several
     * captions are asked for, there is a row for each, numbered from 1 in a column before it.
     *
     * @param captions for each image and prompt
     */
    record CsvRows(int captions) implements RowFormat {

        private static final String LINE_BREAK = "\r\n";

        @Override
        public String header() {
            return line(
                    captions == 1
                            ? List.of("image", "prompt", "caption", "error")
                            : List.of("image", "prompt", "index", "caption", "error"));
        }

        @Override
        public String rows(String image, Captioned result) {
            if (result.problem() != null) {
                return row(image, result.prompt(), "", "", result.problem());
            }
            var rows = new StringBuilder();
            for (int i = 0; i < result.captions().size(); i++) {
                rows.append(row(
                        image,
                        result.prompt(),
                        String.valueOf(i + 1),
                        result.captions().get(i),
                        ""));
            }
            return rows.toString();
        }

        private String row(String image, String prompt, String index, String caption, String error) {
            return line(
                    captions == 1
                            ? List.of(image, prompt, caption, error)
                            : List.of(image, prompt, index, caption, error));
        }

        private static String line(List<String> values) {
            return values.stream().map(CsvRows::quoted).collect(Collectors.joining(",", "", LINE_BREAK));
        }

        private static String quoted(String value) {
            boolean plain = value.chars().noneMatch(c -> c == ',' || c == '"' || c == '\r' || c == '\n');
            return plain ? value : "\"" + value.replace("\"", "\"\"") + "\"";
        }

        @Override
        public boolean quotes() {
            return true;
        }

        @Override
        public @Nullable Done read(RowReader rows) throws IOException {
            List<String> row = null;
            for (int i = 1; i <= captions; i++) {
                row = values(rows.next());
                if (row == null) {
                    return null;
                }
                boolean failed = !row.get(row.size() - 1).isEmpty();
                if (failed) {
                    break;
                }
            }
            return row == null ? null : new Done(row.get(0), row.get(1));
        }

        private @Nullable List<String> values(byte @Nullable [] row) throws IOException {
            if (row == null) {
                return null;
            }
            int columns = captions == 1 ? 4 : 5;
            try {
                var values = new DelimitedText(Path.of("row"), new String(row, UTF_8), ',').next();
                if (values == null || values.size() != columns) {
                    throw new IOException("it does not have %d columns".formatted(columns));
                }
                return new ArrayList<>(values);
            } catch (IllegalArgumentException e) {
                throw new IOException(e.getMessage(), e);
            }
        }
    }
}
