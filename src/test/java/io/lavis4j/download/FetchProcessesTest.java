package io.lavis4j.download;

import static io.lavis4j.download.FaultyServer.file;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two processes that fetch the same file. */
@Timeout(60)
class FetchProcessesTest {

    private static final byte[] CONTENT = Fetching.random(200_000, 1);
    private static final int HALF = CONTENT.length / 2;

    @TempDir
    private Path folder;

    private final CountDownLatch rest = new CountDownLatch(1);

    /** Sends half of the file, and the rest when the test lets it. */
    private FaultyServer server() throws IOException {
        return new FaultyServer((request, out) -> {
            if (request.number() == 0) {
                file(request, out, CONTENT, HALF, "ETag: \"one\"");
                out.flush();
                rest.await();
                out.write(CONTENT, HALF, HALF);
            } else {
                file(request, out, CONTENT, CONTENT.length, "ETag: \"one\"");
            }
        });
    }

    private Process start(FaultyServer server) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xshare:auto",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        FetchProgram.class.getName(),
                        server.address("/f").toString(),
                        folder.resolve("file.bin").toString())
                .redirectErrorStream(true)
                .start();
    }

    private static BufferedReader await(Process process, String line) throws IOException {
        var lines = process.inputReader();
        for (String found = lines.readLine(); found != null; found = lines.readLine()) {
            if (found.contains(line)) {
                return lines;
            }
        }
        throw new AssertionError("the process ended before it said: " + line);
    }

    private static void requireSuccess(Process process) throws InterruptedException {
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    @Test
    void oneFetchesItAndTheOtherFindsItDone() throws Exception {
        try (var server = server()) {
            var first = start(server);
            await(first, "at " + HALF);
            var second = start(server);
            await(second, "file.bin is being fetched by another process");
            rest.countDown();
            requireSuccess(first);
            requireSuccess(second);
            assertThat(server.requests()).hasSize(1);
        }
        assertThat(folder.resolve("file.bin")).hasBinaryContent(CONTENT);
        assertThat(folder).isDirectoryNotContaining("glob:**.part*");
    }

    @Test
    void theFileOfOneThatIsKilledGoesOnInTheOther() throws Exception {
        try (var server = server()) {
            var first = start(server);
            await(first, "at " + HALF);
            var second = start(server);
            await(second, "file.bin is being fetched by another process");
            first.destroyForcibly();
            requireSuccess(second);
            assertThat(server.requests()).hasSize(2);
            assertThat(server.requests().get(1).from()).isEqualTo(HALF);
        }
        assertThat(folder.resolve("file.bin")).hasBinaryContent(CONTENT);
    }
}
