package io.lavis4j.download;

import static io.lavis4j.download.FaultyServer.answer;
import static io.lavis4j.download.FaultyServer.file;
import static io.lavis4j.download.FaultyServer.head;
import static io.lavis4j.download.Fetching.sha256;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FetcherTest {

    private static final String ETAG = "ETag: \"one\"";
    private static final byte[] CONTENT = Fetching.random(100_000, 1);
    private static final int ALL = CONTENT.length;

    @TempDir
    private Path folder;

    private Fetching fetching;

    @BeforeEach
    void nothingIsThere() {
        fetching = new Fetching(folder.resolve("deep/file.bin"));
    }

    @Test
    void aFileHasItsNameWhenItIsWholeAndLeavesNothingBeside() throws Exception {
        try (var server = new FaultyServer((request, out) -> file(request, out, CONTENT, ALL, ETAG))) {
            fetching.fetch(server.address("/f"), (long) ALL, sha256(CONTENT));
            fetching.fetch(server.address("/f"));
            assertThat(server.requests()).hasSize(1);
        }
        assertThat(fetching.target).hasBinaryContent(CONTENT);
        assertThat(fetching.target.getParent()).isDirectoryNotContaining(file -> !file.equals(fetching.target));
        assertThat(fetching.pauses).isEmpty();
    }

    @Test
    void twentyDroppedConnectionsInOneFileAreSurvived() throws Exception {
        try (var server = new FaultyServer((request, out) -> file(request, out, CONTENT, ALL / 20 - 1, ETAG))) {
            fetching.fetch(server.address("/f"), null, sha256(CONTENT));
            assertThat(server.requests()).hasSize(21);
            assertThat(server.requests().get(20).header("if-range")).isEqualTo("\"one\"");
        }
        assertThat(fetching.target).hasBinaryContent(CONTENT);
        assertThat(fetching.pauses)
                .hasSize(20)
                .allSatisfy(pause -> assertThat(pause).isBetween(Duration.ofMillis(500), Duration.ofSeconds(1)));
    }

    @Test
    void aStallIsADroppedConnection() throws Exception {
        fetching = new Fetching(fetching.target, 4, Duration.ofMillis(200));
        try (var server = new FaultyServer((request, out) -> {
            file(request, out, CONTENT, request.number() == 0 ? ALL / 2 : ALL, ETAG);
            out.flush();
            if (request.number() == 0) {
                Thread.sleep(60_000);
            }
        })) {
            fetching.fetch(server.address("/f"));
            assertThat(server.requests()).hasSize(2);
            assertThat(server.requests().get(1).from()).isEqualTo(ALL / 2);
        }
        assertThat(fetching.target).hasBinaryContent(CONTENT);
        assertThat(fetching.notes).singleElement().asString().contains("no byte came for 0.2 s");
    }

    @Test
    void aServerThatIsSlowButSendsIsNotStalled() throws Exception {
        fetching = new Fetching(fetching.target, 1, Duration.ofMillis(400));
        try (var server = new FaultyServer((request, out) -> {
            head(out, 200, "Content-Length: " + ALL);
            for (int from = 0; from < ALL; from += ALL / 10) {
                Thread.sleep(80);
                out.write(CONTENT, from, ALL / 10);
                out.flush();
            }
        })) {
            fetching.fetch(server.address("/f"));
            assertThat(server.requests()).hasSize(1);
        }
        assertThat(fetching.target).hasBinaryContent(CONTENT);
    }

    @Test
    void aServerThatNeverAnswersIsGivenUp() throws Exception {
        fetching = new Fetching(fetching.target, 3, Duration.ofMillis(100));
        try (var server = new FaultyServer((request, out) -> Thread.sleep(60_000))) {
            assertThatThrownBy(() -> fetching.fetch(server.address("/f")))
                    .hasMessageContaining("given up after 3 attempts in a row");
        }
        assertThat(fetching.pauses).hasSize(2);
    }

    @Test
    void nobodyListeningIsGivenUpAfterLongerAndLongerPauses() throws Exception {
        var server = new FaultyServer((request, out) -> {});
        server.close();
        assertThatThrownBy(() -> fetching.fetch(server.address("/f")))
                .hasMessageContaining("given up after 4 attempts");
        assertThat(fetching.pauses).hasSize(3);
        assertThat(fetching.pauses.get(2)).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(4));
    }

    @ParameterizedTest
    @CsvSource({
        "429, 7, 7",
        "503, 'Wed, 04 Mar 2026 12:00:30 GMT', 30",
        "503, 'Wed, 04 Mar 2026 11:00:00 GMT', 0",
        "503, 86400, 600"
    })
    void aBusyServerIsAskedAgainWhenItWants(int status, String retryAfter, int seconds) throws Exception {
        try (var server = new FaultyServer((request, out) -> {
            if (request.number() < 2) {
                answer(out, status, new byte[3], "Retry-After: " + retryAfter);
            } else {
                file(request, out, CONTENT, ALL);
            }
        })) {
            fetching.fetch(server.address("/f"));
        }
        assertThat(fetching.target).hasBinaryContent(CONTENT);
        assertThat(fetching.pauses).containsExactly(Duration.ofSeconds(seconds), Duration.ofSeconds(seconds));
    }

    @Test
    void aBusyServerThatSaysNothingIsAskedAgainLaterAndLater() throws Exception {
        try (var server = new FaultyServer((request, out) -> answer(out, 503, new byte[0]))) {
            assertThatThrownBy(() -> fetching.fetch(server.address("/f")))
                    .hasMessageContaining("the server answers 503");
            assertThat(server.requests()).hasSize(4);
        }
        assertThat(fetching.pauses).hasSize(3);
    }

    @ParameterizedTest
    @CsvSource({
        "404, not there any more",
        "403, not for everybody",
        "400, name another address",
        "206, name another address",
        "416, name another address"
    })
    void aRefusalIsNotRepeated(int status, String advice) throws Exception {
        try (var server = new FaultyServer((request, out) -> answer(out, status, new byte[0]))) {
            assertThatThrownBy(() -> fetching.fetch(server.address("/f")))
                    .hasMessageContaining("answers " + status)
                    .hasMessageContaining(advice);
            assertThat(server.requests()).hasSize(1);
        }
        assertThat(fetching.target).doesNotExist();
    }

    @Test
    void aCorruptedFileNeverHasItsFinalName() throws Exception {
        var broken = CONTENT.clone();
        broken[77]++;
        try (var server = new FaultyServer((request, out) -> file(request, out, broken, ALL, ETAG))) {
            assertThatThrownBy(() -> fetching.fetch(server.address("/f"), (long) ALL, sha256(CONTENT)))
                    .hasMessageContaining("came with checksum " + sha256(broken))
                    .hasMessageContaining("expected " + sha256(CONTENT));
            assertThat(server.requests()).hasSize(1);
        }
        assertThat(fetching.target).doesNotExist();
        assertThat(fetching.part()).isEmptyFile();
    }

    @Test
    void aWrongFileFromAServerThatDropsIsFetchedTwiceAndThenGivenUp() throws Exception {
        try (var server = new FaultyServer((request, out) -> {
            if (request.number() > 20) {
                head(out, 404, "Content-Length: 0");
            } else {
                file(request, out, CONTENT, ALL / 2, ETAG);
            }
        })) {
            assertThatThrownBy(() -> fetching.fetch(server.address("/f"), null, sha256(new byte[0])))
                    .hasMessageContaining("came with checksum " + sha256(CONTENT));
            assertThat(server.requests()).hasSize(4);
        }
        assertThat(fetching.target).doesNotExist();
    }

    @Test
    void aFolderInThePlaceOfTheFileIsRefusedBeforeAByteComes() throws Exception {
        Files.createDirectories(fetching.target);
        try (var server = new FaultyServer((request, out) -> file(request, out, CONTENT, ALL, ETAG))) {
            assertThatThrownBy(() -> fetching.fetch(server.address("/f")))
                    .hasMessageContaining(fetching.target + " is a folder; expected a file");
            assertThat(server.requests()).isEmpty();
        }
    }

    @Test
    void fewerBytesThanSaidAreNoFile() throws Exception {
        try (var server = new FaultyServer((request, out) -> {
            head(out, request.from() > 0 ? 206 : 200, "Content-Length: 110", ETAG, "Content-Range: bytes 90-199/200");
            out.write(CONTENT, 0, request.from() > 0 ? 0 : 90);
        })) {
            assertThatThrownBy(() -> fetching.fetch(server.address("/f"), null, null))
                    .hasMessageContaining("given up");
        }
        assertThat(fetching.target).doesNotExist();
    }

    @Test
    void anotherLengthThanPublishedIsRefusedBeforeAByteIsKept() throws Exception {
        try (var server = new FaultyServer((request, out) -> file(request, out, CONTENT, ALL))) {
            assertThatThrownBy(() -> fetching.fetch(server.address("/f"), 99_999L, null))
                    .hasMessageContaining("has 100000 bytes, but is published with 99999");
        }
        assertThat(fetching.target).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(ints = {99_000, 101_000})
    void anotherLengthThanPublishedIsFoundWhereTheServerDoesNotSayIt(int published) throws Exception {
        try (var server = new FaultyServer((request, out) -> {
            head(out, 200, "Transfer-Encoding: chunked");
            out.write("%x\r\n".formatted(ALL).getBytes(StandardCharsets.US_ASCII));
            out.write(CONTENT);
            out.write("\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        })) {
            assertThatThrownBy(() -> fetching.fetch(server.address("/f"), (long) published, null))
                    .hasMessageMatching(
                            published < ALL
                                    ? ".*sends more than the 99000 bytes.*"
                                    : ".*given up.*after 100000 of 101000 bytes.*");
        }
        assertThat(fetching.target).doesNotExist();
    }

    @Test
    void anEncodingThatWasNotAskedForIsRefused() throws Exception {
        try (var server = new FaultyServer((request, out) -> answer(out, 200, CONTENT, "Content-Encoding: gzip"))) {
            assertThatThrownBy(() -> fetching.fetch(server.address("/f"))).hasMessageContaining("encoding gzip");
            assertThat(server.requests().get(0).header("accept-encoding")).isEqualTo("identity");
        }
    }

    @Test
    void aDiskThatIsTooFullSaysSoBeforeAByteIsWritten() throws Exception {
        fetching.disk.said = 99_999;
        try (var server = new FaultyServer((request, out) -> file(request, out, CONTENT, ALL, ETAG))) {
            assertThatThrownBy(() -> fetching.fetch(server.address("/f")))
                    .hasMessageContaining("is full: file.bin needs 100 kB more");
        }
        assertThat(fetching.part()).isEmptyFile();
    }

    @Test
    void aDiskThatFillsUpSaysSoAndTheFileGoesOnAfterwards() throws Exception {
        fetching.disk.room = 60_000;
        try (var server = new FaultyServer((request, out) -> file(request, out, CONTENT, ALL, ETAG))) {
            assertThatThrownBy(() -> fetching.fetch(server.address("/f")))
                    .hasMessageContaining("is full: file.bin needs 40.0 kB more")
                    .hasMessageContaining("60.0 kB of it are kept in file.bin.part");
            assertThat(fetching.part()).hasSize(60_000);
            assertThat(fetching.target).doesNotExist();
            assertThat(server.requests()).hasSize(1);

            fetching.disk.room = Long.MAX_VALUE;
            fetching.fetch(server.address("/f"), null, sha256(CONTENT));
            assertThat(server.requests().get(1).from()).isEqualTo(60_000);
        }
        assertThat(fetching.target).hasBinaryContent(CONTENT);
    }
}
