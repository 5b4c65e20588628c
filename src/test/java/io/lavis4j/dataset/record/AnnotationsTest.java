package io.lavis4j.dataset.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.dataset.AnnotationException;
import io.lavis4j.dataset.OnBroken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnnotationsTest {

    private static final String EXPECTED = "a file of captions";

    @TempDir
    private Path temp;

    private record Caption(
            String id, String caption, @Nullable Integer votes) {}

    private static final class Captions implements RecordReader<Caption> {

        @Override
        public Caption read(Fields record) {
            return new Caption(
                    record.id(record.has("id") ? "id" : "sample_id"),
                    record.text("caption"),
                    record.has("votes") ? record.whole("votes") : null);
        }

        @Override
        public String idKey() {
            return "id";
        }

        @Override
        public String id(Caption record) {
            return record.id();
        }

        @Override
        public boolean isKeyed() {
            return true;
        }
    }

    private Annotations<Caption> read(String name, String content, OnBroken onFault) throws IOException {
        var file = Files.writeString(temp.resolve(name), content);
        return Annotations.read(List.of(file), EXPECTED, onFault, new Captions());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a.json | [{\"id\": 7, \"caption\": \"a dog, running\", \"votes\": 3}, {\"id\": \"b\", \"caption\": \"it\"}]",
                "a.json | {\"7\": {\"caption\": \"a dog, running\", \"votes\": 3}, \"b\": {\"caption\": \"it\"}}",
                "a.jsonl | {\"id\": 7, \"caption\": \"a dog, running\", \"votes\": 3}~~{\"id\": \"b\", \"caption\": \"it\"}~",
                "a.csv | id,caption,votes~7,\"a dog, running\",3~b,it,~",
                "a.TSV | votes^id^caption^other~3^7^a dog, running^x~^b^it^~"
            })
    void recordsAreTheSameInEveryForm(String name, String content) throws IOException {
        var read = read(name, content.replace('~', '\n').replace('^', '\t'), OnBroken.FAIL);
        assertThat(read.records()).containsExactly(new Caption("7", "a dog, running", 3), new Caption("b", "it", null));
        assertThat(read.faults()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a.json | [{\"id\": 1, \"caption\": \"x\"}, {\"id\": 2}] | record 1 (id 2): caption is missing, expected a value",
                "a.json | [{\"id\": 1, \"caption\": \"x\"}, 5] | record 1: it is 5, expected an object",
                "a.jsonl | {\"id\": 1, \"caption\": \"x\"}~{\"id\": 2, \"caption\": 3} | line 2 (id 2): caption is 3, expected a text that is not blank, without half surrogate pairs",
                "a.csv | id,caption~1,x~2, ~ | line 3 (id 2): caption is \" \", expected a text that is not blank, without half surrogate pairs",
                "a.csv | id,caption~1,x~2~ | line 3 (id 2): it has 1 values, expected one for each of [id, caption]",
                "a.csv | id,caption,votes~1,x,1~2,y,many | line 3 (id 2): votes is \"many\", expected a number between -1e9 and 1e9",
                "a.json | [{\"id\": 1, \"caption\": \"x\"}, {\"id\": 1, \"caption\": \"y\"}] | record 1 (id 1): id is that of record 0 too, expected one of its own, because results are keyed by it"
            })
    void aFaultyRecordIsNamedWithItsPlace(String name, String content, String fault) throws IOException {
        String text = content.replace('~', '\n');
        assertThatThrownBy(() -> read(name, text, OnBroken.FAIL))
                .isInstanceOf(AnnotationException.class)
                .hasMessageContaining("1 of the 2 records of " + temp.resolve(name) + " cannot be used:\n  " + fault);
        var sound = read(name, text, OnBroken.SKIP);
        assertThat(sound.records().get(0).caption()).isEqualTo("x");
        assertThat(sound.faults()).hasSize(fault.contains("too") ? 0 : 1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a.txt | x | ends in \"txt\"; expected a file of records: .json, .jsonl, .csv or .tsv",
                "a.json | [{\"id\": 1, | , line 1, column 11: it ends in the middle; expected a file of captions",
                "a.jsonl | {\"id\": 1, \"caption\": \"x\"}~{\"id\" | , line 2: it ends in the middle; expected a file of captions",
                "a.csv | id,id~1,2 | : the header has a column twice: [id, id]; expected each once",
                "a.csv | id,caption~1,\"x | , line 2: a quote that opens a value is not closed",
                "a.json | [] | : the list is empty; expected a file of captions"
            })
    void aFileOfAnotherFormIsNamed(String name, String content, String problem) {
        assertThatThrownBy(() -> read(name, content.replace('~', '\n'), OnBroken.SKIP))
                .isInstanceOf(AnnotationException.class)
                .hasMessageStartingWith(temp.resolve(name).toString())
                .hasMessageContaining(problem);
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        for (String name : List.of("a.json", "a.jsonl", "a.csv")) {
            var file = temp.resolve(name);
            assertThatThrownBy(() -> Annotations.read(List.of(file), EXPECTED, OnBroken.SKIP, new Captions()))
                    .isInstanceOf(AnnotationException.class)
                    .hasMessageStartingWith(file.toString());
        }
    }
}
