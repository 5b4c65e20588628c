package io.lavis4j.download;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** The disk that files are written to. */
interface Disk {

    /** Room for this process in bytes. */
    long free(Path folder) throws IOException;

    /** Writes all of a buffer at the channel's position. */
    void write(FileChannel out, ByteBuffer bytes) throws IOException;

    /** That of the machine. */
    static Disk ofMachine() {
        return new Disk() {
            @Override
            public long free(Path folder) throws IOException {
                return Files.getFileStore(folder).getUsableSpace();
            }

            @Override
            public void write(FileChannel out, ByteBuffer bytes) throws IOException {
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
            }
        };
    }
}
