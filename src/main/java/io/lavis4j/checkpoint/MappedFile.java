package io.lavis4j.checkpoint;

import static org.bytedeco.pytorch.global.torch.from_file;
import static org.bytedeco.pytorch.global.torch.zeros;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * One file being read: its bytes as a single tensor mapped by libtorch, and a scope for the temporaries of the reading.
 *
 * <p>The mapping is private (copy on write) and owned by the tensor's storage; every view keeps it alive. Headers and
 * pickles are read through a channel instead, so that a file that shrinks meanwhile is an error and not a signal.
 */
final class MappedFile implements AutoCloseable {
    /** Bytes that can be read onto the heap at once, the longest array. */
    static final int MAX_READ = Integer.MAX_VALUE - 8;

    final Path path;
    final long size;
    private final FileChannel channel;
    private final @Nullable PointerScope callers = PointerScope.getInnerScope();
    private final PointerScope temporaries = new PointerScope();
    private @Nullable Tensor bytes;

    private MappedFile(Path path, FileChannel channel, long size) {
        this.path = path;
        this.channel = channel;
        this.size = size;
    }

    /** Opens a regular file; nothing is mapped until {@link #elements} is called. */
    static MappedFile open(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new CheckpointException(path, Files.exists(path) ? "not a regular file" : "no such file");
        }
        try {
            var channel = FileChannel.open(path);
            return new MappedFile(path, channel, channel.size());
        } catch (IOException e) {
            throw new CheckpointException(path, "cannot be opened: " + e, e);
        }
    }

    /** Reads {@code length} bytes, little endian, onto the heap. */
    ByteBuffer read(long offset, long length) {
        if (length > MAX_READ) {
            throw bad(
                    "the %d bytes at byte %d are more than the %d that can be read at once", length, offset, MAX_READ);
        }
        var buffer = ByteBuffer.allocate((int) length).order(ByteOrder.LITTLE_ENDIAN);
        try {
            while (buffer.hasRemaining()) {
                if (channel.read(buffer, offset + buffer.position()) < 0) {
                    throw new EOFException("file ended at byte " + (offset + buffer.position()));
                }
            }
        } catch (IOException e) {
            throw new CheckpointException(path, "cannot read bytes %d + %d: %s".formatted(offset, length, e), e);
        }
        return buffer.flip();
    }

    /**
     * {@code count} elements from byte {@code offset} as a 1-D view of the mapping, or as a copy where the offset is
     * not a multiple of the element's size. The caller has checked that they lie within the file.
     */
    Tensor elements(long offset, long count, ElementType type) {
        if (count == 0) {
            return zeros(new long[] {0}, new TensorOptions(type.scalarType));
        }
        var raw = mapping().narrow(0, offset, count * type.bytes);
        return (offset % type.bytes == 0 ? raw : raw.clone()).view(type.scalarType);
    }

    /** Hands a tensor to the scope that was open when this file was opened, or else to the garbage collector. */
    Tensor handOver(Tensor tensor) {
        if (callers != null) {
            callers.attach(tensor);
        } else {
            tensor.retainReference();
        }
        return tensor;
    }

    /** An error about this file. */
    @SuppressWarnings("AnnotateFormatMethod") // the annotation is in no dependency
    CheckpointException bad(String format, @Nullable Object... arguments) {
        return new CheckpointException(path, format.formatted(arguments));
    }

    /** An error that another copy of this file would probably not have. */
    @SuppressWarnings("AnnotateFormatMethod") // the annotation is in no dependency
    CheckpointException damaged(String format, @Nullable Object... arguments) {
        return bad(format + "; the file is damaged or incomplete: fetch or copy it again", arguments);
    }

    private Tensor mapping() {
        if (bytes == null) {
            try {
                bytes = from_file(
                        path.toString(),
                        new BoolOptional(false),
                        new LongOptional(size),
                        new TensorOptions(ScalarType.Byte));
            } catch (RuntimeException e) {
                throw new CheckpointException(path, "cannot be mapped into memory: " + e.getMessage(), e);
            }
        }
        return bytes;
    }

    /** Frees what was not handed over. */
    @Override
    public void close() {
        temporaries.close();
        try {
            channel.close();
        } catch (IOException e) {
            throw new CheckpointException(path, "cannot be closed: " + e, e);
        }
    }
}
