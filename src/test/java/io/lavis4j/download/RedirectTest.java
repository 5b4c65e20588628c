package io.lavis4j.download;

import static io.lavis4j.download.FaultyServer.answer;
import static io.lavis4j.download.FaultyServer.head;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedirectTest {

    private static final byte[] CONTENT = "content".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path folder;

    private Fetching fetching() {
        return new Fetching(folder.resolve("file"));
    }

    @Test
    void redirectsAreFollowed() throws Exception {
        try (var server = new FaultyServer((request, out) -> {
            switch (request.path()) {
                case "/a" -> head(out, 302, "Location: b/c?x=1");
                case "/b/c?x=1" -> head(out, 308, "Location: /d");
                default -> answer(out, 200, CONTENT);
            }
        })) {
            fetching().fetch(server.address("/a"));
            assertThat(server.requests())
                    .extracting(FaultyServer.Request::path)
                    .containsExactly("/a", "/b/c?x=1", "/d");
        }
        assertThat(folder.resolve("file")).hasBinaryContent(CONTENT);
    }

    @Test
    void aCircleIsAnError() throws Exception {
        try (var server = new FaultyServer(
                (request, out) -> head(out, 302, "Location: " + (request.path().equals("/a") ? "/b" : "/a")))) {
            assertThatThrownBy(() -> fetching().fetch(server.address("/a"))).hasMessageContaining("in a circle");
            assertThat(server.requests()).hasSize(2);
        }
    }

    @Test
    void redirectsWithoutEndAreAnError() throws Exception {
        try (var server = new FaultyServer((request, out) -> head(out, 302, "Location: /" + request.number()))) {
            assertThatThrownBy(() -> fetching().fetch(server.address("/a")))
                    .hasMessageContaining("redirects more than 10 times");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///etc/passwd", "ftp://host/a", "https:///a", "http://me:pw@host/", "\u0000"})
    void aRedirectToNoAddressIsAnError(String location) throws Exception {
        try (var server = new FaultyServer((request, out) -> head(out, 302, "Location: " + location))) {
            assertThatThrownBy(() -> fetching().fetch(server.address("/a"))).isNotNull();
            assertThat(folder.resolve("file")).doesNotExist();
        }
    }

    @Test
    void anEncryptedConnectionIsNotLeft() {
        assertThatThrownBy(() -> Http.target(URI.create("https://host/a"), "http://host/b"))
                .hasMessageContaining("http://host/b, which is not encrypted");
    }

    @Test
    void aTokenIsForTheFirstHostAlone() throws Exception {
        try (var other = new FaultyServer((request, out) -> answer(out, 200, CONTENT));
                var server = new FaultyServer((request, out) ->
                        head(out, 302, "Location: " + (request.path().equals("/a") ? "/b" : other.address("/c"))))) {
            var fetching = fetching();
            fetching.fetcher()
                    .fetch(
                            new Download(server.address("/a"), fetching.target, null, null, "secret", null),
                            TransferListener.silent());
            assertThat(server.requests())
                    .hasSize(2)
                    .allSatisfy(request ->
                            assertThat(request.header("authorization")).isEqualTo("Bearer secret"));
            assertThat(other.requests())
                    .singleElement()
                    .satisfies(request ->
                            assertThat(request.header("authorization")).isNull());
        }
    }
}
