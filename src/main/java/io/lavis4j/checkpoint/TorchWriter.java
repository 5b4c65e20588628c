package io.lavis4j.checkpoint;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;

/** Writes a tree as {@code torch.save} does. */
final class TorchWriter {
    private TorchWriter() {}

    static void write(Path path, @Nullable Object tree) {
        byte[] pickle;
        StorageLayout layout;
        try (var scope = new PointerScope()) {
            layout = new StorageLayout(tree);
            pickle = Pickler.pickle(tree, layout);
        }
        CheckpointFile.write(path, out -> {
            var zip = new ZipWriter(out);
            zip.add("archive/data.pkl", pickle);
            zip.add("archive/byteorder", "little".getBytes(StandardCharsets.US_ASCII));
            for (var run : layout.runs()) {
                try (var scope = new PointerScope()) { // one at a time: a run may be a copy from another device
                    var elements = run.elements();
                    zip.add(
                            "archive/data/" + run.index(),
                            run.count() * run.type.bytes,
                            sink -> TensorBytes.stream(elements, sink));
                }
            }
            zip.add("archive/version", "3\n".getBytes(StandardCharsets.US_ASCII));
            zip.finish();
        });
    }
}
