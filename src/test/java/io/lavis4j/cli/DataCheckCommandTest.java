package io.lavis4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.io.JsonText;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code data check}. */
class DataCheckCommandTest {

    private static final String CONFIG = "finetune/caption_sherlock_mini.yaml";
    private static final String DATA = "data_root=src/test/resources/sherlock_mini";

    @TempDir
    private Path folder = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        var all = new ArrayList<>(List.of("data", "check"));
        all.addAll(List.of(arguments));
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), all.toArray(String[]::new));
    }

    @Test
    void aConfigurationIsReportedForPeople() {
        assertThat(run("--cfg-path", CONFIG, "--options", DATA))
                .as(err.toString())
                .isZero();
        assertThat(out.toString())
                .containsSubsequence(
                        "sherlock_caption train (training)",
                        "64 records, 0 left out; 30 images, 0 of them not readable; 90 regions",
                        "by source: VCR 29, VG 35",
                        "model.max_txt_len is 32, which cuts 2 of 64 (3.1 %)",
                        "sherlock_caption val (evaluation)",
                        "warning  sherlock_caption train: texts that are cut: 2",
                        "-> Raise the limit",
                        "note     sherlock_caption: terms of use",
                        "CC BY 4.0",
                        "Sound: nothing that a run would fail of; warnings: 1");
    }

    @Test
    void programsReadJsonOfTheSameFieldsInTheSameOrder() throws IOException {
        assertThat(run("--cfg-path", CONFIG, "--json", "--options", DATA)).isZero();
        String first = out.toString();
        var object = JsonText.parse(first);
        assertThat(object.fieldNames()).toIterable().containsExactly("sound", "layout", "splits", "problems");
        assertThat(object.at("/splits/0").fieldNames())
                .toIterable()
                .containsExactly(
                        "dataset",
                        "split",
                        "use",
                        "records",
                        "left_out",
                        "images",
                        "unreadable",
                        "regions",
                        "groups",
                        "texts");
        assertThat(object.at("/splits/0/texts/0").fieldNames())
                .toIterable()
                .containsExactly("text", "key", "limit", "texts", "mean", "longest", "cut");
        assertThat(object.at("/problems/0").fieldNames())
                .toIterable()
                .containsExactly("level", "kind", "where", "count", "examples", "advice");
        assertThat(run("--cfg-path", CONFIG, "--json", "--threads", "1", "--options", DATA))
                .isZero();
        assertThat(out.toString()).as("whatever the number of threads").isEqualTo(first);
    }

    @Test
    void whatTrainingWouldFailOfMakesTheStatusOne() {
        assertThat(run("--cfg-path", CONFIG, "--options", "data_root=" + folder))
                .isEqualTo(1);
        assertThat(out.toString())
                .contains(
                        "ERROR    sherlock_caption train: the annotations cannot be used",
                        "sherlock_train_v1_1.json is not there",
                        "Not sound: a run would fail; errors: 2");
    }

    @Test
    void anEmptyRootIsReportedWithTheCommandsThatFillIt() throws IOException {
        assertThat(run("--root", folder.toString())).isEqualTo(1);
        assertThat(out.toString())
                .containsSubsequence(
                        "absent   sherlock: ",
                        "missing  sherlock_dataset/sherlock_train_v1_1.json",
                        "missing  sherlock_dataset/sherlock_val_with_split_idxs_v1_1.json",
                        "-> lavis4j download sherlock --root " + folder,
                        "absent   vcr: ",
                        "missing  vcr1images/",
                        "absent   vg: ",
                        "missing  vg/images/VG_100K/",
                        "missing  vg/images/VG_100K_2/",
                        "-> lavis4j download vg --root " + folder,
                        "Not sound: a run would fail; errors: 3, warnings: 0");
        assertThat(run("--root", folder.toString(), "--json")).isEqualTo(1);
        assertThat(JsonText.parse(out.toString()).at("/layout/0").fieldNames())
                .toIterable()
                .containsExactly("name", "title", "state", "there", "missing", "remedy", "terms");
    }

    @Test
    void aCatalogOfTheUsersIsLookedAt() throws IOException {
        var catalog = Files.writeString(folder.resolve("mine.json"), """
                {"datasets": {"own": {"title": "Own", "terms": "mine", "files": [
                  {"path": "own/a.json", "address": "https://host/a.json"}]}}}
                """);
        assertThat(run("--root", folder.toString(), "--catalog", catalog.toString(), "own"))
                .isEqualTo(1);
        assertThat(out.toString()).contains("absent   own: Own", "missing  own/a.json", "download own --root");
    }

    @Test
    void headersAloneAreQuick() {
        assertThat(run("--cfg-path", CONFIG, "--quick", "--options", DATA)).isZero();
        assertThat(out.toString()).contains("30 images, 0 of them not readable", "--quick looks at headers");
    }

    @Test
    void aTokenizerThatIsNotHereIsSaid() {
        assertThat(run("--cfg-path", CONFIG, "--options", DATA, "model.opt_model=nowhere/opt"))
                .isZero();
        assertThat(out.toString())
                .contains("lengths of texts are not checked", "lavis4j download model blip2_opt", "nowhere/opt");
    }

    @Test
    void wrongUseIsSaid() {
        assertThat(run()).isEqualTo(2);
        assertThat(run("--cfg-path", CONFIG, "--root", folder.toString())).isEqualTo(2);
        assertThat(run("--cfg-path", "finetune/nothing.yaml")).isEqualTo(2);
        assertThat(run("--root", folder.resolve("nowhere").toString())).isEqualTo(2);
        assertThat(run("--root", "pom.xml")).isEqualTo(2);
        assertThat(run("--root", folder.toString(), "imagenet")).isEqualTo(2);
        assertThat(err.toString()).contains("got \"imagenet\"");
        assertThat(run("--root", folder.toString(), "--options", DATA)).isEqualTo(2);
        assertThat(run("--root", folder.toString(), "--threads", "0")).isEqualTo(2);
        assertThat(run("--cfg-path", CONFIG, "sherlock", "--options", DATA)).isEqualTo(2);
    }
}
