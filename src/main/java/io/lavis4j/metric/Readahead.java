package io.lavis4j.metric;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/** Reads a stream in a thread of its own, some blocks ahead of whoever uses them. */
final class Readahead implements AutoCloseable {

    private static final int BLOCKS = 8;
    private static final int BLOCK = 1 << 18;

    /**
     * Some bytes.
     *
     * @param length how many are there; 0 at the end
     */
    record Block(byte[] bytes, int length) {}

    private final InputStream in;
    private final BlockingQueue<byte[]> free = new ArrayBlockingQueue<>(BLOCKS);
    private final BlockingQueue<Block> full = new ArrayBlockingQueue<>(BLOCKS + 1);
    private final Thread thread;
    private volatile @Nullable IOException failure;

    Readahead(InputStream in) {
        this.in = in;
        for (int i = 0; i < BLOCKS; i++) {
            free.add(new byte[BLOCK]);
        }
        thread = new Thread(this::run, "readahead");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            int read;
            do {
                var bytes = free.take();
                read = in.readNBytes(bytes, 0, bytes.length);
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
    public void close() throws IOException {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        in.close();
    }
}
