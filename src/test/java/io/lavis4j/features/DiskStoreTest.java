package io.lavis4j.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskStoreTest {

    private static final int BYTES = 1000;
    private static final int RECORD = (int) Segment.recordBytes(BYTES);

    @TempDir
    Path folder = Path.of("");

    private DiskStore store() {
        return new DiskStore(folder, BYTES);
    }

    private static Fingerprint key(int number) {
        return Fingerprint.of("view " + number);
    }

    private static byte[] row(int number) {
        byte[] row = new byte[BYTES];
        for (int i = 0; i < BYTES; i++) {
            row[i] = (byte) (number + i * i);
        }
        return row;
    }

    private static void write(DiskStore store, int from, int to) {
        for (int i = from; i < to; i++) {
            store.write(key(i), ByteBuffer.wrap(row(i)));
        }
    }

    private static boolean isThere(DiskStore store, int number) {
        var place = ByteBuffer.allocate(BYTES);
        boolean there = store.read(key(number), place);
        assertThat(place.position()).isZero();
        if (there) {
            assertThat(place.array()).isEqualTo(row(number));
        }
        return there;
    }

    private static long count(DiskStore store, int to) {
        return IntStream.range(0, to).filter(i -> isThere(store, i)).count();
    }

    private Path segment() throws IOException {
        try (var files = Files.list(folder)) {
            return files.findFirst().orElseThrow();
        }
    }

    @Test
    void aLaterRunReadsWhatWasWritten() {
        try (var store = store()) {
            assertThat(isThere(store, 0)).isFalse();
            write(store, 0, 5);
            assertThat(count(store, 5)).isEqualTo(5);
        }
        try (var later = store()) {
            assertThat(later.size()).isEqualTo(5);
            assertThat(count(later, 7)).isEqualTo(5);
        }
    }

    @Test
    void aRunThatOnlyReadsWritesNoFile() throws IOException {
        try (var store = store()) {
            write(store, 0, 1);
        }
        try (var later = store();
                var files = Files.list(folder)) {
            write(later, 0, 1);
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void aRecordThatWasCutOffAnywhereIsNotThereAndThoseBeforeItAre() throws IOException {
        try (var store = store()) {
            write(store, 0, 3);
        }
        var file = segment();
        byte[] whole = Files.readAllBytes(file);
        for (int length = 2 * RECORD; length < 3 * RECORD; length += 41) {
            Files.write(file, Arrays.copyOf(whole, length));
            try (var later = store()) {
                assertThat(later.size()).as("%d bytes", length).isEqualTo(2);
                assertThat(count(later, 3)).as("%d bytes", length).isEqualTo(2);
            }
        }
    }

    @Test
    void whatFollowsARecordThatWasCutOffGoesToAnotherFile() throws IOException {
        try (var store = store()) {
            write(store, 0, 3);
        }
        try (var file = FileChannel.open(segment(), StandardOpenOption.WRITE)) {
            file.truncate(2 * RECORD + 30);
        }
        try (var later = store()) {
            write(later, 2, 4);
        }
        try (var last = store()) {
            assertThat(count(last, 4)).isEqualTo(4);
        }
    }

    @Test
    void aDamagedRowIsNotReadAndIsMadeAnew() throws IOException {
        try (var store = store()) {
            write(store, 0, 3);
        }
        try (var file = FileChannel.open(segment(), StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(new byte[] {77}), RECORD + RECORD - 1);
        }
        try (var later = store()) {
            assertThat(isThere(later, 0)).isTrue();
            assertThat(isThere(later, 1)).isFalse();
            assertThat(isThere(later, 2)).isTrue();
            write(later, 1, 2);
            assertThat(count(later, 3)).isEqualTo(3);
        }
    }

    @Test
    void aDamagedRowIsReplacedOnce() throws IOException {
        try (var store = store()) {
            write(store, 0, 2);
        }
        try (var file = FileChannel.open(segment(), StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(new byte[] {77}), RECORD - 1);
        }
        try (var second = store()) {
            assertThat(isThere(second, 0)).isFalse();
            write(second, 0, 1);
        }
        try (var third = store()) {
            assertThat(third.size()).isEqualTo(2);
            assertThat(count(third, 2)).isEqualTo(2);
        }
    }

    @Test
    void zerosThatAMachineLeftWhichStoppedAreNoRecord() throws IOException {
        try (var store = store()) {
            write(store, 0, 1);
        }
        try (var file = FileChannel.open(segment(), StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.allocate(RECORD), RECORD);
        }
        try (var later = store()) {
            assertThat(later.size()).isEqualTo(1);
        }
    }

    @Test
    void processesFindWhatOthersWriteMeanwhile() throws InterruptedException {
        try (var one = store();
                var other = store()) {
            write(one, 0, 2);
            write(other, 2, 4);
            Thread.sleep(250); // looking again is left out for a while
            assertThat(isThere(other, 0)).isTrue();
            assertThat(isThere(one, 3)).isTrue();
            assertThat(count(one, 4)).isEqualTo(4);
        }
    }

    @Test
    void readersSeeWholeRowsWhileOneWrites() {
        int rows = 400;
        try (var writing = store();
                var reading = store()) {
            var readers = IntStream.range(0, 2)
                    .mapToObj(reader -> CompletableFuture.runAsync(() -> {
                        while (count(reader == 0 ? writing : reading, rows) < rows) {
                            Thread.onSpinWait();
                        }
                    }))
                    .toList();
            write(writing, 0, rows);
            readers.forEach(CompletableFuture::join);
            assertThat(reading.size()).isEqualTo(rows);
        }
    }

    /** A program that writes rows until it is killed. */
    static final class Writer {
        public static void main(String[] folder) {
            try (var store = new DiskStore(Path.of(folder[0]), BYTES)) {
                write(store, 0, Integer.MAX_VALUE);
            }
        }
    }

    @Test
    void aProcessThatIsKilledLeavesWholeRows() throws IOException, InterruptedException {
        var writer = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Xshare:auto",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Writer.class.getName(),
                        folder.toString())
                .inheritIO()
                .start();
        try (var reading = store()) {
            while (writer.isAlive() && count(reading, 100) < 100) {
                Thread.sleep(1);
            }
            assertThat(writer.isAlive()).isTrue();
        } finally {
            writer.destroyForcibly().waitFor();
        }
        try (var later = store()) {
            int there = later.size();
            assertThat(count(later, there)).isEqualTo(there).isGreaterThanOrEqualTo(100);
            write(later, there, there + 1);
            assertThat(isThere(later, there)).isTrue();
        }
    }

    @Test
    void aFullDiskIsNamedAndWhatIsThereStays() throws IOException {
        try (var store = store()) {
            write(store, 0, 2);
        }
        var link = Files.createSymbolicLink(folder.resolve("full.features"), Path.of("/dev/full"));
        try (var full = new DiskStore(folder, BYTES, () -> "full")) {
            assertThatThrownBy(() -> write(full, 2, 3))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContainingAll(
                            folder.toString(),
                            "No space left on device",
                            "the 2 that are there stay",
                            "run.cache_vision_dtype=int8",
                            "run.cache_vision_dir");
            assertThat(count(full, 3)).isEqualTo(2);
        }
        Files.delete(link);
    }
}
