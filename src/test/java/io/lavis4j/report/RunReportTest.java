package io.lavis4j.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lavis4j.dataset.sherlock.SherlockRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunReportTest {

    private static final String SCRIPT = "</script><script>alert(1)</script> & \"more\"";
    private static final Pattern JSON = Pattern.compile("<script type=\"application/json\" id=\"items\">(.*)</script>");

    @TempDir
    private Path folder = Path.of("");

    /** The first record's text is an attack, half of the others are right. */
    private static String generated(SherlockRecord record) {
        int place = TinyRun.records().indexOf(record);
        return place == 0 ? SCRIPT : place % 2 == 0 ? record.inference() : "someone is outside";
    }

    private TinyRun whole(String... options) throws IOException {
        return TinyRun.in(folder, options)
                .log(
                        "{\"epoch\":0,\"train_lr\":1.0E-3,\"train_loss\":2.5}",
                        "{\"val_CIDEr\":0.1,\"val_agg_metrics\":0.2,\"val_loss\":2.25,\"val_best_epoch\":0}",
                        "{\"epoch\":1,\"train_lr\":5.0E-4,\"train_loss\":1.5}",
                        "{\"val_CIDEr\":0.3,\"val_CIDEr[source=VG]\":0.4,\"val_agg_metrics\":0.5,\"val_loss\":2.125,\"val_best_epoch\":1}",
                        "{\"epoch\":2,\"train_lr\":1.0E-5,\"train_loss\":1.25}",
                        "{\"val_CIDEr\":0.2,\"val_agg_metrics\":0.3,\"val_loss\":null,\"val_best_epoch\":1}")
                .results("1", RunReportTest::generated);
    }

    private static JsonNode items(String page) throws IOException {
        var found = JSON.matcher(page);
        assertThat(found.find()).isTrue();
        return new ObjectMapper().readTree(found.group(1));
    }

    @Test
    void thePageShowsTheRun() throws IOException {
        String page = whole().page();
        assertThat(page)
                .contains("blip2_opt small", "sherlock_caption", "1 (agg_metrics of val 0.5000)", "3 of 3")
                .contains("<figcaption>Loss</figcaption>", "epoch 1: train 1.5000", "epoch 1: val 2.1250")
                .contains("<figcaption>Learning rate</figcaption>", "best: epoch 1")
                .contains("Split val, epoch 1, 16 items. Intervals cover 95 %")
                .contains("<th scope=\"row\">all</th><td>16</td>", ">confidence 1<", ">source VG<", ">boxes 2<")
                .contains("All 3 evaluations", "val, epoch 1 (best)")
                .contains("model_type: small")
                .contains("<figcaption>CIDEr, agg_metrics of split val</figcaption>")
                .doesNotContain("[source=VG]");
        assertThat(page.split("<figure class=\"card\"", -1)).hasSize(1 + 3 * 2);
        assertThat(page.split("src=\"data:image/jpeg;base64,/9j/", -1)).hasSize(1 + 3 * 2);
    }

    @Test
    void scoresAndCurvesComeBeforeImagesAndImagesBeforeTables() throws IOException {
        assertThat(whole().page())
                .containsSubsequence(
                        "<dl class=\"figures\">",
                        "<figcaption>Loss</figcaption>",
                        "id=\"filters\"",
                        "<figure class=\"card\"",
                        "aria-label=\"Scores of groups\"",
                        "All 3 evaluations",
                        "<table id=\"list\">");
    }

    @Test
    void thePageNeedsNothingElseAndForbidsRequests() throws IOException {
        String page = whole().page();
        assertThat(page)
                .contains("content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src")
                .doesNotContain("http://", "https://", "@import", "url(")
                .doesNotContain("{{");
        assertThat(Pattern.compile("(?:src|href)=\"(?!data:|#)").matcher(page).find())
                .isFalse();
    }

    @Test
    void textsAreShownAsTexts() throws IOException {
        var record = TinyRun.records().get(0);
        String page = whole().page(new ReportOptions(null, "best", "CIDEr", 16, 42, 0, null));
        assertThat(page)
                .doesNotContain("<script>alert")
                .contains("&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;more&quot;");
        assertThat(page.split("</script>", -1)).hasSize(1 + 2); // the data and the code
        var first = items(page).at("/items/0");
        assertThat(first.get(0).asText()).isEqualTo(record.instanceId());
        assertThat(first.get(1).asText()).isEqualTo(SCRIPT);
        assertThat(first.at("/2/0").asText()).isEqualTo(record.inference());
    }

    @Test
    void theListHasAllItemsWithScoresAndGroups() throws IOException {
        var items = items(whole().page());
        assertThat(items.get("metrics")).extracting(JsonNode::asText).contains("Bleu_4", "ROUGE_L", "CIDEr");
        assertThat(items.get("groups")).extracting(JsonNode::asText).containsExactly("confidence", "source", "boxes");
        assertThat(items.get("items")).hasSize(16);
        var right = items.at("/items/2");
        assertThat(right.at("/4/0").asDouble()).isEqualTo(1);
        assertThat(right.at("/5/1").asText()).isIn("VG", "VCR");
        long withImage = 0;
        for (var item : items.get("items")) {
            withImage += item.get(6).asInt();
        }
        assertThat(withImage).isBetween(4L, 6L);
    }

    @Test
    void theSeedAloneDecidesWhatIsRandom() throws IOException {
        var run = whole();
        String page = run.page();
        assertThat(run.page()).isEqualTo(page);
        var others = List.of(1L, 2L, 3L).stream()
                .map(seed -> {
                    try {
                        return run.page(TinyRun.options(null, "best", seed));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .toList();
        assertThat(others).doesNotContain(page).doesNotHaveDuplicates();
    }

    @Test
    void aRunThatHasJustBegunHasAPageThatSaysSo() throws IOException {
        String page = TinyRun.in(folder).page();
        assertThat(page)
                .contains("No epoch is finished yet", "There are no generated texts", "evaluate --run")
                .contains("No scores could be computed", "There are no curves")
                .doesNotContain("<table", "id=\"items\"");
    }

    @Test
    void whatIsMissingOrDamagedIsSaidInWords() throws IOException {
        var run = TinyRun.in(folder, "run.max_epoch=9").log("{\"epoch\":0,\"train_loss\":2.5}", "{\"epoch\":1,\"tra");
        int line = Files.readAllLines(run.directory().log()).size();
        Files.delete(run.directory().result());
        assertThat(run.page())
                .contains("Line %d of log.txt is not a JSON object".formatted(line))
                .contains("The run is not finished: the last epoch logged is 0, the last one planned is 8.")
                .contains("There was no validation yet");
    }

    @Test
    void imagesThatCannotBeReadHaveAPlaceholderWithTheReason() throws IOException {
        var root = folder.resolve("data/sherlock_dataset");
        Files.createDirectories(root);
        var name = "sherlock_val_with_split_idxs_v1_1.json";
        Files.copy(TinyRun.CORPUS.resolve("sherlock_dataset").resolve(name), root.resolve(name));
        var options = new ReportOptions(null, "best", "CIDEr", 2, 42, 0, folder.resolve("data"));
        assertThat(whole().page(options))
                .contains("class=\"placeholder\"", "there is no such file", "Intervals were not asked for")
                .contains(">confidence 1<")
                .doesNotContain("src=\"data:image/jpeg");
    }

    @Test
    void withoutAnnotationsTheTextsAndScoresRemain() throws IOException {
        var options = new ReportOptions(null, "best", "ROUGE_L", 2, 42, 10, folder.resolve("nowhere"));
        assertThat(whole().page(options))
                .contains("The annotations of split val cannot be read", "--data-root", "nowhere")
                .contains("no annotation of this item is known", "highest ROUGE_L")
                .doesNotContain(">confidence 1<");
    }

    @Test
    void aZeroThatStandsForNoScoreIsNotShown() throws IOException {
        String page = TinyRun.in(folder, "run.report_metric=False")
                .log(
                        "{\"epoch\":0,\"train_lr\":1.0E-3,\"train_loss\":2.5}",
                        "{\"val_agg_metrics\":0.0,\"val_loss\":2.25,\"val_best_epoch\":-1}")
                .page();
        assertThat(page).contains("val, epoch 0", "2.2500").doesNotContain("agg_metrics", "0.0000");
    }

    @Test
    void aLogThatDiffersFromTheResultsIsNoticed() throws IOException {
        assertThat(whole().page()).contains("Log and result files of split val, epoch 1, differ: CIDEr is 0.3000 and ");
    }

    @Test
    void anotherEvaluationCanBeAskedFor() throws IOException {
        var run = whole().results("0", record -> "a red kite");
        assertThat(run.page(TinyRun.options("val", "0", 42))).contains("Split val, epoch 0, 16 items.");
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> run.page(TinyRun.options(null, "7", 42)))
                .withMessageContaining("epoch 7")
                .withMessageContaining("0, 1");
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> run.page(TinyRun.options("test", "best", 42)))
                .withMessageContaining("\"test\"")
                .withMessageContaining("only of val");
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> run.page(new ReportOptions(null, "best", "METEOR", 1, 42, 0, null)))
                .withMessageContaining("METEOR")
                .withMessageContaining("CIDEr");
    }

    @Test
    void theLastEpochStandsInWhereNoneIsKnownToBeTheBest() throws IOException {
        var run = TinyRun.in(folder)
                .results("2", RunReportTest::generated)
                .results("10", RunReportTest::generated)
                .results("shuffled", RunReportTest::generated);
        assertThat(run.page())
                .contains("The best epoch of split val is not known or has no results: epoch 10 is shown.")
                .contains("Split val, epoch 10, 16 items.");
    }

    @Test
    void damagedResultsAreNamed() throws IOException {
        var run = whole();
        Files.writeString(run.directory().result().resolve("val_epoch1.json"), "[{\"image_id\": 1");
        assertThat(run.page()).contains("The results of split val, epoch 1, were left out: ", "val_epoch1.json");
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> run.page(TinyRun.options("val", "1", 42)))
                .withMessageContaining("val_epoch1.json");
    }

    @Test
    void anEvaluationWithoutTrainingHasNoLogAndIsARun() throws IOException {
        var run = TinyRun.in(folder, "run.evaluate=True").results("best", RunReportTest::generated);
        Files.delete(run.directory().log());
        Files.writeString(run.directory().evaluations(), "{\"val\":{\"CIDEr\":0.1}}\n");
        assertThat(RunReport.open(folder)).isEqualTo(run.directory());
        assertThat(run.page())
                .contains("Split val, best checkpoint, 16 items.")
                .doesNotContain("class=\"warnings\" aria");
    }

    @Test
    void aFolderThatIsNotARunIsNamed() {
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> RunReport.open(folder))
                .withMessageContaining(folder.toString())
                .withMessageContaining("is not a run");
    }

    @Test
    void aPageThatCannotBeWrittenLeavesNothingBehind() throws IOException {
        var run = whole();
        var taken = Files.createDirectories(folder.resolve("taken/inside"));
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> RunReport.write(run.directory(), folder.resolve("taken"), TinyRun.few()))
                .withMessageContaining(folder.resolve("taken") + " cannot be written");
        assertThat(taken).exists();
        assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
    }
}
