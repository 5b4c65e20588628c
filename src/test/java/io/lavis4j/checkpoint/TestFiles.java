package io.lavis4j.checkpoint;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.bytedeco.pytorch.Tensor;

/** Bytes of tensors, and checkpoint files with pickles made by hand. */
final class TestFiles {
    private static final byte[] FOUR_FLOATS = new byte[16];

    private TestFiles() {}

    /** The elements of a tensor in row-major order. */
    static byte[] bytes(Tensor tensor) {
        var out = new ByteArrayOutputStream();
        try {
            TensorBytes.stream(tensor.detach().contiguous(), piece -> {
                var copy = new byte[piece.remaining()];
                piece.get(copy);
                out.writeBytes(copy);
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** A zip with this pickle and one storage "0" of four floats. */
    static Path pth(Path file, Pickle pickle) {
        CheckpointFile.write(file, out -> {
            var zip = new ZipWriter(out);
            zip.add("archive/data.pkl", pickle.bytes());
            zip.add("archive/data/0", FOUR_FLOATS);
            zip.finish();
        });
        return file;
    }

    /** Magic number, protocol and system, with which a file of before PyTorch 1.6 begins. */
    static byte[] oldHead() {
        var head = new ByteArrayOutputStream();
        head.writeBytes(
                new Pickle().op("\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019").bytes());
        head.writeBytes(new Pickle().op("M\u00e9\3").bytes()); // 1001
        head.writeBytes(new Pickle().op("}").bytes());
        return head.toByteArray();
    }

    /** Opcodes, one after another. */
    static final class Pickle {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Pickle() {
            out.writeBytes(new byte[] {(byte) 0x80, 2});
        }

        /** Latin-1 characters as bytes. */
        Pickle op(String bytes) {
            out.writeBytes(bytes.getBytes(StandardCharsets.ISO_8859_1));
            return this;
        }

        Pickle text(String text) {
            var utf8 = text.getBytes(StandardCharsets.UTF_8);
            out.write('X');
            out.writeBytes(littleEndian(Integer.BYTES).putInt(utf8.length).array());
            out.writeBytes(utf8);
            return this;
        }

        Pickle integer(long value) {
            out.write(0x8a);
            out.write(Long.BYTES);
            out.writeBytes(littleEndian(Long.BYTES).putLong(value).array());
            return this;
        }

        Pickle tuple(long... values) {
            op("(");
            for (long value : values) {
                integer(value);
            }
            return op("t");
        }

        /** The four floats of storage "0" as its pickle calls them. */
        Pickle storage(String key, long count) {
            return op("(").text("storage")
                    .op("ctorch\nFloatStorage\n")
                    .text(key)
                    .text("cpu")
                    .integer(count)
                    .op("tQ");
        }

        Pickle tensor(long offset, long[] shape, long[] strides) {
            op("ctorch._utils\n_rebuild_tensor_v2\n(").storage("0", 4);
            return integer(offset).tuple(shape).tuple(strides).op("\u0089ccollections\nOrderedDict\n)RtR");
        }

        /** The four floats with a state, opcodes of a dict: what {@code torch.save} writes of a negative view. */
        Pickle tensorOf(String state) {
            op("ctorch._utils\n_rebuild_tensor_v2\n(").storage("0", 4);
            return integer(0).tuple(4).tuple(1).op("\u0089ccollections\nOrderedDict\n)R" + state + "tR");
        }

        /**
         * A scalar at {@code offset} in a view of {@code count} elements from {@code start}, as old files have them.
         */
        Pickle tensorOfView(long start, long count, long offset) {
            op("ctorch._utils\n_rebuild_tensor\n((")
                    .text("storage")
                    .op("ctorch\nFloatStorage\n")
                    .text("0");
            text("cpu")
                    .integer(4)
                    .op("(")
                    .text("view")
                    .integer(start)
                    .integer(count)
                    .op("ttQ");
            return integer(offset).op("))tR");
        }

        byte[] bytes() {
            var bytes = new ByteArrayOutputStream();
            bytes.writeBytes(out.toByteArray());
            bytes.write('.');
            return bytes.toByteArray();
        }

        private static ByteBuffer littleEndian(int bytes) {
            return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        }
    }
}
