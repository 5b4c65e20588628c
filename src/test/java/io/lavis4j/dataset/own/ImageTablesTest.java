package io.lavis4j.dataset.own;

import static io.lavis4j.dataset.own.OwnConfigs.captions;
import static io.lavis4j.dataset.own.OwnConfigs.ids;
import static io.lavis4j.dataset.own.OwnConfigs.read;
import static io.lavis4j.dataset.own.OwnConfigs.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.config.ConfigException;
import io.lavis4j.dataset.AnnotationException;
import io.lavis4j.dataset.TestText;
import io.lavis4j.image.Box;
import io.lavis4j.image.RegionMode;
import io.lavis4j.image.Regions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageTablesTest {

    @TempDir
    private Path root = Path.of("");

    private OwnConfig config(String file, String more) throws IOException {
        return read("image_text", """
                build_info: {annotations: {train: {storage: %s}}, images: {storage: .}}
                """.formatted(file) + more, root);
    }

    /** A data set of one file. */
    private ImageTextDataset open(String file, String content, String more, boolean training) throws IOException {
        write(root, file, content.replace('~', '\n').replace('^', '\t'));
        return config(file, more).build("train", training);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            a.csv   | what,pic,other~"a dog, running",x/1.jpg,1~two dogs,x/1.jpg,2~a cat,2.jpg,3~
            a.tsv   | pic^what~x/1.jpg^a dog, running~x/1.jpg^two dogs~2.jpg^a cat~
            a.jsonl | {"pic": "x/1.jpg", "what": ["a dog, running", "two dogs"]}~{"pic": "2.jpg", "what": "a cat"}
            a.json  | [{"pic": "x/1.jpg", "what": "a dog, running"}, {"pic": "x/1.jpg", "what": "two dogs"}, {"pic": "2.jpg", "what": "a cat"}]
            b.json  | {"info": {}, "images": [{"id": 7, "pic": "2.jpg"}, {"id": 8, "pic": "x/1.jpg"}], "annotations": [{"id": 1, "image_id": 8, "what": "a dog, running"}, {"id": 2, "image_id": 8, "what": "two dogs"}, {"id": 3, "image_id": "7", "what": "a cat"}]}
            """)
    void rowsAreSamplesInTrainingAndImagesInEvaluation(String file, String content) throws IOException {
        String columns = "columns: {image: pic, text: what}";
        var train = open(file, content, columns, true);
        assertThat(captions(train)).containsExactly("x/1.jpg: a dog, running", "x/1.jpg: two dogs", "2.jpg: a cat");
        assertThat(train.sample(1, TestText.AS_IT_IS).image()).isEqualTo(root.resolve("x/1.jpg"));
        assertThat(train.sample(0, TestText.AS_IT_IS).regions()).isEqualTo(Regions.NONE);
        var evaluated = open(file, content, columns, false);
        assertThat(ids(evaluated)).containsExactly("x/1.jpg", "2.jpg");
        assertThat(evaluated.references().get("x/1.jpg")).containsExactly("a dog, running", "two dogs");
    }

    @Test
    void columnsHaveTheUsualNamesAndAnIdNamesSamples() throws IOException {
        String table = "image,caption,id~1.jpg,a dog,7~2.jpg,a cat,7~1.jpg,two dogs,b~";
        assertThat(captions(open("a.csv", table, "", true)))
                .containsExactly("1.jpg: a dog", "2.jpg: a cat", "1.jpg: two dogs");
        assertThat(captions(open("a.csv", table, "columns: {id: id}", true)))
                .containsExactly("7: a dog", "7: a cat", "b: two dogs");
        assertThatThrownBy(() -> open("a.csv", table, "columns: {id: id}", false))
                .isInstanceOf(AnnotationException.class)
                .hasMessageContaining("data set image_text, split train: the id 7 is that of 1.jpg and of 2.jpg");
    }

    @Test
    void questionsHaveAnswersOfWhichOneIsDrawn() throws IOException {
        String list = """
                [{"image": "1.jpg", "question": "what is it?", "answer": ["a dog", "a dog", "a wolf"]},
                 {"image": "1.jpg", "question": "how many?", "answer": "one"},
                 {"image": "2.jpg", "question": "what is it?", "answer": "a cat"}]""";
        String columns = "columns: {question: question, answer: answer}";
        for (boolean training : new boolean[] {true, false}) {
            var dataset = open("a.json", list, columns, training);
            assertThat(ids(dataset)).containsExactly("1.jpg", "1.jpg#2", "2.jpg");
            var texts = dataset.sample(0, TestText.AS_IT_IS).texts();
            assertThat(texts.textInput()).isEqualTo("what is it?");
            assertThat(texts.prompt()).isEqualTo("what is it?");
            assertThat(texts.textOutputs()).containsExactly("a dog", "a dog", "a wolf");
            assertThat(texts.references()).containsExactly("a dog", "a dog", "a wolf");
        }
        assertThat(config("a.json", columns).hasTextOutput()).isTrue();
    }

    @Test
    void regionsAreWrittenInAnyOfThreeWays() throws IOException {
        String columns = "columns: {region: box}~region_mode: blackout".replace('~', '\n');
        var two = List.of(new Box(1, 2, 30, 40), new Box(5, 6, 7, 8));
        var rows = open(
                "a.csv",
                "image,caption,box~a.jpg,x,\"1,2,30,39.6\"~a.jpg,x,\"1, 2, 30, 40; 5,6,7,8\"~b.jpg,y,~",
                columns,
                true);
        assertThat(rows.sample(0, TestText.AS_IT_IS).regions())
                .isEqualTo(new Regions(List.of(new Box(1, 2, 30, 40)), 0, 0, RegionMode.BLACKOUT));
        assertThat(rows.sample(1, TestText.AS_IT_IS).regions().boxes()).isEqualTo(two);
        assertThat(rows.sample(2, TestText.AS_IT_IS).regions())
                .as("the whole image")
                .isEqualTo(Regions.NONE);
        assertThat(ids(rows)).containsExactly("a.jpg", "a.jpg#2", "b.jpg");
        var list = open(
                "a.json",
                "[{\"image\": \"a.jpg\", \"caption\": \"x\", \"box\": [1, 2, 30, 40]}, {\"image\": \"a.jpg\", \"caption\": \"x\", \"box\": [[1, 2, 30, 40], [5, 6, 7, 8]]}]",
                columns,
                true);
        assertThat(list.sample(0, TestText.AS_IT_IS).regions().boxes()).containsExactly(two.get(0));
        assertThat(list.sample(1, TestText.AS_IT_IS).regions().boxes()).isEqualTo(two);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            image,text~a.jpg,x              | | line 2 (image a.jpg): caption is missing, expected a value; the columns are image, text
            image,caption~a.jpg,~           | | line 2 (image a.jpg): caption is empty, expected a value; the columns are image, caption
            file,caption~a.jpg,x            | columns: {image: picture} | line 2: picture is missing, expected a value; the columns are file, caption
            image,caption~a.jpg,x~../b.jpg,y | | line 3 (image ../b.jpg): image is "../b.jpg", expected a path without empty parts, ".."
            image,caption~/etc/passwd,x     | | line 2 (image /etc/passwd): image is "/etc/passwd", expected a path relative to a folder of images, or into one
            image,caption,box~a.jpg,x,"1,2,3" | columns: {region: box} | line 2 (image a.jpg): box is "1,2,3", expected [left, top, width, height] in pixels
            image,caption,box~a.jpg,x,"1,2,-3,4" | columns: {region: box} | line 2 (image a.jpg): box is "1,2,-3,4", expected [left, top
            image,caption~a.jpg,x           | columns: {id: number} | line 2: number is missing, expected a value; the columns are image, caption
            """)
    void faultsNameFileLineColumnAndValue(String table, String more, String fault) throws IOException {
        String columns = more == null ? "" : more;
        assertThatThrownBy(() -> open("a.csv", table, columns, false))
                .isInstanceOf(AnnotationException.class)
                .hasMessageContaining(root.resolve("a.csv").toString())
                .hasMessageContaining(fault);
    }

    @Test
    void oneFaultyRowIsLeftOutOfTraining() throws IOException {
        var train = open("a.csv", "image,caption~a.jpg,x~../b.jpg,y~", "", true);
        assertThat(captions(train)).containsExactly("a.jpg: x");
        assertThatThrownBy(() -> open("a.csv", "image,caption~../b.jpg,y~../c.jpg,z~", "", true))
                .as("none is left")
                .isInstanceOf(AnnotationException.class)
                .hasMessageContaining("none of the 2 records of")
                .hasMessageContaining("the first: line 2 (image ../b.jpg): image is \"../b.jpg\"");
        assertThat(train.leftOut())
                .singleElement()
                .asString()
                .startsWith("line 3 (image ../b.jpg): image is \"../b.jpg\"");
    }

    @Test
    void anAnnotationOfNoImageAndAnotherObjectAreNamed() throws IOException {
        String coco =
                "{\"images\": [{\"id\": 7, \"file_name\": \"a.jpg\"}], \"annotations\": [{\"image_id\": 8, \"caption\": \"x\"}]}";
        assertThatThrownBy(() -> open("a.json", coco, "columns: {image: file_name}", false))
                .isInstanceOf(AnnotationException.class)
                .hasMessageContaining("annotations[0]: image_id is 8, expected the id of one of the images");
        assertThatThrownBy(() -> open("a.json", "{\"data\": [], \"images\": []}", "", false))
                .isInstanceOf(AnnotationException.class)
                .hasMessageContaining("annotations is missing, expected a list of records, or COCO's form")
                .hasMessageContaining("its keys are data, images");
    }

    @Test
    void aColumnOfRegionsThatNoRecordHasIsNamed() {
        assertThatThrownBy(() ->
                        open("a.json", "[{\"image\": \"a.jpg\", \"caption\": \"x\"}]", "columns: {region: bbox}", true))
                .isInstanceOf(AnnotationException.class)
                .hasMessageContaining("no record of")
                .hasMessageContaining("has the column bbox, which columns.region names");
    }

    @Test
    void whatIsWrongWithColumnsIsFoundInOnePass() {
        assertThatThrownBy(() -> config(
                        "a.csv", "columns: {question: q, text: t, picture: p}~region_mode: hide".replace('~', '\n')))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("columns.answer is missing; expected both question and answer, or text")
                .hasMessageContaining("columns.text must be left out beside question and answer")
                .hasMessageContaining("columns.picture is unknown")
                .hasMessageContaining("region_mode must be left out where columns.region names no column");
    }

    @Test
    void aFileIsFoundInTheFirstRootThatHasIt() throws IOException {
        Files.createDirectories(root.resolve("one"));
        write(root, "two/a.jpg", "");
        write(root, "a.csv", "image,caption\na.jpg,x\n" + root.resolve("one/b.jpg") + ",y\n");
        var train = read("image_text", """
                build_info: {annotations: {train: {storage: a.csv}}, images: {storage: [one, two]}}
                """, root).build("train", true);
        assertThat(train.sample(0, TestText.AS_IT_IS).image()).isEqualTo(root.resolve("two/a.jpg"));
        assertThat(train.sample(1, TestText.AS_IT_IS).image()).isEqualTo(root.resolve("one/b.jpg"));
        assertThat(ids(train)).containsExactly("a.jpg", "b.jpg");
    }

    @Test
    void rowsOfOneImageAreHeldOutTogether() throws IOException {
        var rows = new StringBuilder("image,caption\n");
        for (int i = 0; i < 80; i++) {
            rows.append(i % 40).append(".jpg,caption ").append(i).append('\n');
        }
        write(root, "a.csv", rows.toString());
        var config = config("a.csv", "val_fraction: 0.25");
        var train = config.build("train", true);
        var val = config.build("val", false);
        assertThat(train.size() + 2 * val.size()).isEqualTo(80);
        assertThat(val.size()).isPositive();
        assertThat(ids(train)).doesNotContainAnyElementsOf(ids(val));
        assertThat(val.references().values())
                .allSatisfy(texts -> assertThat(texts).hasSize(2));
    }
}
