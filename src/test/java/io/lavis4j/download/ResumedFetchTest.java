package io.lavis4j.download;

import static io.lavis4j.download.FaultyServer.answer;
import static io.lavis4j.download.FaultyServer.file;
import static io.lavis4j.download.FaultyServer.head;
import static io.lavis4j.download.Fetching.sha256;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of which a part is here. */
class ResumedFetchTest {

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

    /** The first half of the content is here, as of an interrupted run. */
    private void halfIsHere() throws IOException, InterruptedException {
        try (var server = new FaultyServer((request, out) -> file(request, out, CONTENT, ALL / 2, ETAG))) {
            var once = new Fetching(fetching.target, 1, Duration.ofSeconds(5));
            assertThatThrownBy(() -> once.fetch(server.address("/f"))).hasMessageContaining("the same command goes on");
        }
        assertThat(fetching.part()).hasSize(ALL / 2);
    }

    @Test
    void whatIsHereOfAnInterruptedRunIsNotFetchedAgain() throws Exception {
        halfIsHere();
        try (var server = new FaultyServer((request, out) -> file(request, out, CONTENT, ALL, ETAG))) {
            fetching.fetch(server.address("/f"), null, sha256(CONTENT));
            assertThat(server.requests()).hasSize(1);
            assertThat(server.requests().get(0).from()).isEqualTo(ALL / 2);
        }
        assertThat(fetching.target).hasBinaryContent(CONTENT);
    }

    @Test
    void aPartWithoutAValidatorBeginsAgain() throws Exception {
        halfIsHere();
        Files.delete(folder.resolve("deep/file.bin.part.json"));
        try (var server = new FaultyServer((request, out) -> file(request, out, CONTENT, ALL, ETAG))) {
            fetching.fetch(server.address("/f"));
            assertThat(server.requests().get(0).header("range")).isNull();
        }
        assertThat(fetching.target).hasBinaryContent(CONTENT);
    }

    @Test
    void aServerThatIgnoresRangesSendsAllAgain() throws Exception {
        halfIsHere();
        try (var server = new FaultyServer((request, out) -> answer(out, 200, CONTENT, ETAG))) {
            fetching.fetch(server.address("/f"));
        }
        assertThat(fetching.target).hasBinaryContent(CONTENT);
    }

    @Test
    void aServerThatIgnoresRangesAndDropsIsGivenUp() throws Exception {
        try (var server = new FaultyServer((request, out) -> {
            head(out, 200, "Content-Length: " + ALL);
            out.write(CONTENT, 0, ALL / 3);
        })) {
            assertThatThrownBy(() -> fetching.fetch(server.address("/f")))
                    .hasMessageContaining("given up after 4 attempts in a row that brought nothing new");
            assertThat(server.requests()).hasSize(4);
        }
    }

    /** By its ETag, by its length; whether the server heeds If-Range or not. */
    @ParameterizedTest
    @ValueSource(strings = {"heeds If-Range", "other ETag", "other length"})
    void otherBytesOnResumeBeginAgain(String fault) throws Exception {
        halfIsHere();
        byte[] other = Fetching.random(fault.equals("other length") ? ALL + 10 : ALL, 2);
        String etag = fault.equals("other length") ? ETAG : "ETag: \"two\"";
        try (var server = new FaultyServer((request, out) -> {
            if (fault.equals("heeds If-Range")) {
                answer(out, 200, other, etag);
            } else {
                file(request, out, other, other.length, etag);
            }
        })) {
            fetching.fetch(server.address("/f"), null, sha256(other));
        }
        assertThat(fetching.target).hasBinaryContent(other);
    }

    /** Nothing would tell pieces of two files from one. */
    @Test
    void aServerThatDoesNotSayWhichBytesItHasBeginsAgain() throws Exception {
        byte[] other = Fetching.random(ALL, 2);
        try (var server = new FaultyServer((request, out) -> {
            boolean first = request.number() == 0;
            file(request, out, first ? CONTENT : other, first ? ALL / 2 : ALL);
        })) {
            fetching.fetch(server.address("/f"));
        }
        assertThat(fetching.target).hasBinaryContent(other);
    }

    @Test
    void aWholePartOfWhichNothingFollowsIsTheFile() throws Exception {
        halfIsHere();
        byte[] half = Arrays.copyOf(CONTENT, ALL / 2);
        Files.writeString(folder.resolve("deep/file.bin.part.json"), "{\"etag\": null, \"lastModified\": \"then\"}");
        try (var server = new FaultyServer((request, out) -> file(request, out, half, ALL))) {
            fetching.fetch(server.address("/f"));
            assertThat(server.requests()).hasSize(1);
        }
        assertThat(fetching.target).hasBinaryContent(half);
    }

    @Test
    void aPartThatIsLongerThanTheFileBeginsAgain() throws Exception {
        halfIsHere();
        byte[] small = Fetching.random(1000, 3);
        try (var server = new FaultyServer((request, out) -> file(request, out, small, ALL, ETAG))) {
            fetching.fetch(server.address("/f"));
            assertThat(server.requests()).hasSize(2);
        }
        assertThat(fetching.target).hasBinaryContent(small);
    }

    @Test
    void whatWasKilledBeforeItsFinalNameIsNotAskedForAgain() throws Exception {
        halfIsHere();
        Files.write(fetching.part(), CONTENT);
        try (var server = new FaultyServer((request, out) -> answer(out, 500, new byte[0]))) {
            fetching.fetch(server.address("/f"), null, sha256(CONTENT));
            assertThat(server.requests()).isEmpty();
        }
        assertThat(fetching.target).hasBinaryContent(CONTENT);
    }

    @Test
    void piecesOfDifferentFilesThatLookAlikeAreFetchedOnceMore() throws Exception {
        byte[] other = Fetching.random(ALL, 2);
        halfIsHere();
        try (var server = new FaultyServer((request, out) -> file(request, out, other, ALL, ETAG))) {
            fetching.fetch(server.address("/f"), null, sha256(other));
            assertThat(server.requests()).hasSize(2);
        }
        assertThat(fetching.target).hasBinaryContent(other);
        assertThat(fetching.notes).singleElement().asString().contains("made of several pieces, and begins again");
    }
}
