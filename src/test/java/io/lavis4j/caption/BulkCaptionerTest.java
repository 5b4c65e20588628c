package io.lavis4j.caption;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.dataset.Share;
import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.image.Box;
import io.lavis4j.tokenize.EncodeOptions;
import io.lavis4j.tokenize.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LibtorchFirst.class)
class BulkCaptionerTest {

    @TempDir
    private Path folder = Path.of("");

    private final RedModel model = new RedModel();

    @AfterEach
    void close() {
        model.close();
    }

    private Path images(int count) throws IOException {
        var images = Files.createDirectories(folder.resolve("images"));
        for (int i = 0; i < count; i++) {
            RedModel.image(images.resolve("%03d.png".formatted(i)), i);
        }
        return images;
    }

    private Path out() {
        return folder.resolve("out.jsonl");
    }

    private List<String> rows() throws IOException {
        return Files.readAllLines(out());
    }

    private static String row(Path images, int number, String prompt) {
        return "{\"image\":\"%s\",\"prompt\":\"%s\",\"caption\":\"%s,%d\"}"
                .formatted(images.resolve("%03d.png".formatted(number)), prompt, prompt, number);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3})
    void rowsAreInTheOrderOfTheInputWithAnyNumberOfWorkers(int workers) throws IOException {
        var images = images(23);
        assertThat(BulkRun.of(model, 4, "a").withWorkers(workers).toJson(out(), images))
                .isEqualTo(new BulkTally(23, 0, 0));
        assertThat(rows())
                .isEqualTo(IntStream.range(0, 23)
                        .mapToObj(i -> row(images, i, "a"))
                        .toList());
        assertThat(model.batches).hasSize(6);
    }

    @Test
    void aBatchHoldsPromptsOfOneLengthAndIsFullAsLongAsThereAreEnough() throws IOException {
        var images = images(12);
        try (var tokenizer = Tokenizer.opt(Path.of("src/test/resources/golden/j_tokenizers/opt"));
                var words = new RedModel(tokenizer)) {
            BulkRun.of(words, 3, "one", "two words", "two", "what is this").toJson(out(), images);
            assertThat(tokens(tokenizer, "one"))
                    .isEqualTo(tokens(tokenizer, "two"))
                    .isNotEqualTo(tokens(tokenizer, "two words"));
            assertThat(words.batches)
                    .hasSize(16)
                    .allSatisfy(batch -> assertThat(batch)
                            .hasSize(3)
                            .allSatisfy(prompt ->
                                    assertThat(tokens(tokenizer, prompt)).isEqualTo(tokens(tokenizer, batch.get(0)))));
            assertThat(words.batches).contains(List.of("one", "two", "one"));
        }
        assertThat(rows()).hasSize(48);
        assertThat(rows().subList(4, 8))
                .containsExactly(
                        row(images, 1, "one"),
                        row(images, 1, "two words"),
                        row(images, 1, "two"),
                        row(images, 1, "what is this"));
    }

    private static int tokens(Tokenizer tokenizer, String prompt) {
        return tokenizer.encode(prompt, EncodeOptions.plain()).ids().length;
    }

    @Test
    void anImageWithOtherPromptsThanAllOthersIsWaitedForAsLongAsTheWindowIsNotFull() throws IOException {
        var images = images(1);
        var lines = new ArrayList<String>();
        for (int i = 0; i < 40; i++) {
            lines.add("{\"image\": \"images/000.png\", \"prompt\": \"%s\"}".formatted(i == 2 ? "rare" : "often"));
        }
        var list = Files.write(folder.resolve("list.jsonl"), lines);
        BulkRun.of(model, 4, "a").toJson(out(), list);
        assertThat(model.batches).hasSize(11);
        assertThat(model.batches.indexOf(List.of("rare"))).isEqualTo(4); // 2 of the 18 in the window are written before
        assertThat(rows().get(2)).contains("rare");
        assertThat(images).isNotEmptyDirectory();
    }

    @Test
    void whatCannotBeReadIsARowWithAnError() throws IOException {
        var images = images(3);
        Files.writeString(images.resolve("001.png"), "<html>not found</html>");
        var list = Files.write(
                folder.resolve("list.txt"),
                List.of(
                        "images/000.png",
                        "images/001.png",
                        "images/nowhere.png",
                        "",
                        "{\"image\": 3}",
                        "{\"image\": \"images/002.png\", \"boxes\": [[1, 2, 0, 4]]}",
                        "{\"image\"",
                        images.resolve("002.png").toAbsolutePath().toString()));
        assertThat(BulkRun.of(model, 2, "a").toJson(out(), list)).isEqualTo(new BulkTally(2, 5, 0));
        var rows = rows();
        assertThat(rows).hasSize(7);
        assertThat(rows.get(0)).contains("\"image\":\"images/000.png\"").contains("\"caption\":\"a,0\"");
        assertThat(rows.get(1)).contains("\"error\":\"").contains("001.png").contains("HTML page");
        assertThat(rows.get(2)).contains("there is no such file");
        assertThat(rows.get(3)).contains("list.txt, line 5: image is 3; expected a path, or {");
        assertThat(rows.get(4)).contains("line 6: boxes has [1,2,0,4]; expected");
        assertThat(rows.get(5)).contains("line 7: it ends in the middle; expected");
        assertThat(rows.get(6)).contains("\"caption\":\"a,2\"");
    }

    @Test
    void aBoxOutsideOfItsImageIsARowThatNamesBoth() throws IOException {
        images(1);
        var list = Files.write(
                folder.resolve("list.jsonl"),
                List.of(
                        "{\"image\": \"images/000.png\", \"boxes\": [[0, 0, 5, 5], [2, 3, 4, 5]]}",
                        "{\"image\": \"images/000.png\", \"boxes\": [[-1, -1, 9, 9]]}"));
        assertThat(BulkRun.of(model, 2, "a").toJson(out(), list)).isEqualTo(new BulkTally(1, 1, 0));
        assertThat(rows().get(0))
                .contains("000.png: the box 2,3,4,5 (left, top, width, height) lies outside of the image")
                .contains("which has 1 x 1 pixels");
        assertThat(rows().get(1)).as("cut off at the edges").contains("\"caption\":\"a,");
    }

    @Test
    void anEmptyListOfBoxesIsNoneAndOneOfPromptsIsWrong() throws IOException {
        images(1);
        var list = Files.write(
                folder.resolve("list.jsonl"),
                List.of(
                        "{\"image\": \"images/000.png\", \"boxes\": []}",
                        "{\"image\": \"images/000.png\", \"boxes\": null}",
                        "{\"image\": \"images/000.png\", \"prompt\": []}"));
        var job = BulkRun.of(model, 2, "a").with(new Box(7, 7, 1, 1));
        assertThat(job.toJson(out(), list)).isEqualTo(new BulkTally(1, 2, 0));
        assertThat(rows().get(0)).contains("\"caption\":\"a,0\"");
        assertThat(rows().get(1)).as("the box of the job").contains("the box 7,7,1,1");
        assertThat(rows().get(2)).contains("list.jsonl, line 3: prompt is []; expected a path, or {");
    }

    @Test
    void aLineThatIsNotUtf8IsARowWithAnError() throws IOException {
        images(1);
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes("images/000.png\nimages/gr".getBytes(UTF_8));
        bytes.write(0xFC);
        bytes.writeBytes("n.png\r\nimages/000.png\n".getBytes(UTF_8));
        bytes.write(0xC3); // the end is missing
        var list = Files.write(folder.resolve("list.txt"), bytes.toByteArray());
        assertThat(BulkRun.of(model, 2, "a").toJson(out(), list)).isEqualTo(new BulkTally(2, 2, 0));
        assertThat(rows().get(1))
                .startsWith("{\"image\":\"images/gr\uFFFDn.png\"")
                .contains("list.txt, line 2: byte 0xFC is not in the list's encoding, which should be UTF-8");
        assertThat(rows().get(2)).contains("\"caption\":\"a,0\"");
        assertThat(rows().get(3)).contains("line 4: byte 0xC3");
        assertThat(BulkRun.of(model, 2, "a").toJson(out(), list)).isEqualTo(new BulkTally(0, 0, 4));
    }

    @Test
    void anObjectMayBeginWithBlanksAndNeedsAnImage() throws IOException {
        images(1);
        var list = Files.write(
                folder.resolve("list.jsonl"),
                List.of(
                        "  {\"image\": \"images/000.png\"}",
                        "{\"image\": \"\"}",
                        "{\"image\": \"images/000.png\", \"boxes\": {\"box\": [1, 2, 3, 4]}}"));
        assertThat(BulkRun.of(model, 2, "a").toJson(out(), list)).isEqualTo(new BulkTally(1, 2, 0));
        assertThat(rows().get(0)).contains("\"image\":\"images/000.png\"").contains("\"caption\":\"a,0\"");
        assertThat(rows().get(1)).contains("line 2: image is empty; expected");
        assertThat(rows().get(2)).contains("line 3: boxes is {");
    }

    @Test
    void aListHasPromptsOfItsOwnAndMayComeFromStandardInput() throws IOException {
        var images = images(2);
        String lines = "%s\n{\"image\":\"%s\",\"prompt\":[\"b\",\"c\"],\"id\":7}"
                .formatted(images.resolve("000.png"), images.resolve("001.png"));
        try (var out = RowFile.json(out(), BulkRun.SETTINGS, false)) {
            BulkRun.of(model, 2, "a").to(out, lines, Path.of("-"));
        }
        assertThat(rows()).containsExactly(row(images, 0, "a"), row(images, 1, "b"), row(images, 1, "c"));
    }

    @Test
    void processesShareTheImagesByTurns() throws IOException {
        var images = images(10);
        var whole = new ArrayList<String>();
        for (int rank = 0; rank < 3; rank++) {
            Files.deleteIfExists(out());
            BulkRun.of(model, 2, "a").with(new Share(rank, 3)).toJson(out(), images);
            int first = rank;
            assertThat(rows())
                    .isEqualTo(IntStream.range(0, 10)
                            .filter(i -> i % 3 == first)
                            .mapToObj(i -> row(images, i, "a"))
                            .toList());
            whole.addAll(rows());
        }
        assertThat(whole).hasSize(10);
    }

    @Test
    void severalInputsFollowOneAnother() throws IOException {
        var images = images(2);
        var list = Files.writeString(folder.resolve("list.lst"), "images/001.png\n");
        BulkRun.of(model, 8, "a").toJson(out(), images.resolve("001.png"), list, images);
        assertThat(rows())
                .extracting(row -> row.replaceAll(".*,(\\d+)\"}", "$1"))
                .containsExactly("1", "1", "0", "1");
    }

    /** Nothing of an image stays: 20,000 lines, some of which name no image, leave as many handles as 2,000 do. */
    @Test
    void memoryDoesNotGrowWithTheNumberOfLines() throws IOException, InterruptedException {
        images(1);
        long[] handles = new long[2];
        long[] heap = new long[2];
        for (int run = 0; run < 2; run++) {
            var list = folder.resolve(run + ".txt");
            int lineCount = run == 0 ? 2_000 : 20_000;
            try (var lines = Files.newBufferedWriter(list)) {
                for (int i = 0; i < lineCount; i++) {
                    lines.write(i % 100 == 0 ? "images/none%d.png\n".formatted(i) : "images/000.png\n");
                }
            }
            int number = run;
            long before = handlesInUse();
            model.batches.clear();
            long[] least = {Long.MAX_VALUE};
            try (var out = RowFile.json(folder.resolve(run + ".jsonl"), BulkRun.SETTINGS, false)) {
                new BulkCaptioner(model.captioner(1), BulkRun.of(model, 16, "a").options())
                        .run(List.of(CaptionInput.of(list)), null, System.in, out, (done, total) -> {
                            model.batches.clear();
                            handles[number] = Pointer.totalCount() - before;
                            assertThat(total).isBetween(done, 40_000L);
                            if (done % 400 == 0 && done > lineCount - 2_000) {
                                least[0] = Math.min(least[0], used());
                            }
                        });
            }
            heap[run] = least[0];
            assertThat(Pointer.totalCount()).as("handles in the end").isLessThanOrEqualTo(before);
        }
        assertThat(handles[1])
                .as("handles, with those of images that are being read")
                .isLessThan(handles[0] + 16);
        assertThat(heap[1] - heap[0]).as("bytes of the heap").isLessThan(4 << 20);
    }

    /** Once those that tests before this one left to the garbage collector are gone. */
    private static long handlesInUse() throws InterruptedException {
        long count;
        do {
            count = Pointer.totalCount();
            System.gc();
            Thread.sleep(100); // they are freed on a thread of JavaCPP's
        } while (Pointer.totalCount() < count);
        return count;
    }

    /** Bytes; images that are being read count, so only the least of several moments tells what stays. */
    private static long used() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    @Test
    void aFailureOfTheModelEndsAllThreads() throws IOException, InterruptedException {
        var images = images(40);
        var failing = new RedModel();
        try (failing;
                var out = RowFile.json(out(), BulkRun.SETTINGS, false)) {
            var options = BulkRun.of(failing, 4, "a").options();
            var bulk = new BulkCaptioner(failing.captioner(1), options);
            assertThatThrownBy(() -> bulk.run(List.of(CaptionInput.of(images)), null, System.in, out, (done, total) -> {
                        if (done > 4) {
                            throw new IllegalStateException("stopped");
                        }
                    }))
                    .hasMessage("stopped");
        }
        for (var thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("captions-")) {
                thread.join(5_000); // it has no more work, and may not have left yet
                assertThat(thread.isAlive()).as(thread.getName()).isFalse();
            }
        }
        assertThat(rows()).hasSize(8);
        assertThat(BulkRun.of(model, 4, "a").toJson(out(), images)).isEqualTo(new BulkTally(32, 0, 8));
        assertThat(rows())
                .isEqualTo(IntStream.range(0, 40)
                        .mapToObj(i -> row(images, i, "a"))
                        .toList());
    }
}
