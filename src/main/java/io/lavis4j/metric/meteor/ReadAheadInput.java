package io.lavis4j.metric.meteor;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/** Reads a stream in a thread of its own, up to 100 MiB ahead of whoever uses it. */
final class ReadAheadInput implements AutoCloseable {

    private static final int BLOCKS = 96;
    private static final int BLOCK = 1 << 20;

    /**
     * Some bytes.
     *
     * @param bytes with room for {@link Long#BYTES} more
     * @param length how many are there; 0 at the end
     */
    record Block(byte[] bytes, int length) {}

    private final InputStream in;
    private final BlockingQueue<byte[]> free = new ArrayBlockingQueue<>(BLOCKS);
    private final BlockingQueue<Block> full = new ArrayBlockingQueue<>(BLOCKS + 1);
    private final Thread thread;
    private volatile @Nullable IOException failure;

    ReadAheadInput(InputStream in) {
        this.in = in;
        thread = new Thread(this::run, "readahead");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            int made = 0;
            int read;
            do {
                var bytes = made < BLOCKS ? free.poll() : free.take();
                if (bytes == null) {
                    bytes = new byte[BLOCK + Long.BYTES];
                    made++;
                }
                read = in.readNBytes(bytes, 0, BLOCK);
                full.put(new Block(bytes, read));
            } while (read > 0);
        } catch (IOException e) {
            failure = e;
            full.add(new Block(new byte[0], 0)); // there is room for one more than there are blocks
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed early
        }
    }

    /** The next bytes, or {@code null} at the end. */
    @Nullable
    Block next() throws IOException {
        try {
            var block = full.take();
            if (failure != null && block.length() == 0) {
                throw new IOException(failure);
            }
            return block.length() == 0 ? null : block;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while reading", e);
        }
    }

    /** Lets a block be filled again. */
    void giveBack(Block block) {
        free.add(block.bytes());
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            in.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
