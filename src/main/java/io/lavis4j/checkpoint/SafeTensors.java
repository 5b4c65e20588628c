package io.lavis4j.checkpoint;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.lavis4j.io.AtomicFile;
import io.lavis4j.tensor.Libtorch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** Single safetensors files: a JSON header followed by the tensors' bytes. */
public final class SafeTensors {

    static {
        Libtorch.load();
    }

    private static final int ALIGNMENT = 64;

    private SafeTensors() {}

    /**
     * Maps a file and returns its tensors in the order of its header, as views of the mapping. A tensor whose place in
     * the file is not a multiple of its element's size is copied.
     *
     * @return names to contiguous CPU tensors; they belong to the caller's scope (see the package)
     * @throws CheckpointException if the file is not a whole, valid safetensors file
     */
    public static Map<String, Tensor> read(Path path) {
        try (var file = MappedFile.open(path)) {
            var tensors = read(file);
            tensors.values().forEach(file::handOver);
            return tensors;
        }
    }

    /** The tensors as temporaries of the file's scope. */
    static Map<String, Tensor> read(MappedFile file) {
        var tensors = new LinkedHashMap<String, Tensor>();
        SafeTensorsHeader.read(file).tensors().forEach((name, entry) -> {
            long count = (entry.end() - entry.begin()) / entry.type().bytes;
            var flat = file.elements(entry.begin(), count, entry.type());
            tensors.put(name, flat.view(Shapes.toArray(entry.shape())));
        });
        return tensors;
    }

    /**
     * Reads the free-form strings of the header alone.
     *
     * @throws CheckpointException if the file is not a whole, valid safetensors file
     */
    public static Map<String, String> metadata(Path path) {
        try (var file = MappedFile.open(path)) {
            return SafeTensorsHeader.read(file).metadata();
        }
    }

    /**
     * Writes a file that replaces {@code path} in one step. Tensors are brought to the CPU and made contiguous one at a
     * time. The format has no ties: tensors that share memory are written each. The header lists the tensors in the
     * map's order; their data is ordered by element size, so that every tensor is aligned.
     *
     * @param metadata free-form strings; empty for none
     * @throws CheckpointException if writing fails; what was at {@code path} is then unchanged
     * @throws IllegalArgumentException for a dtype that the format has no name for
     */
    public static void write(Path path, Map<String, Tensor> tensors, Map<String, String> metadata) {
        var places = places(tensors);
        var header = header(tensors, metadata, places);
        CheckpointFile.write(path, out -> {
            AtomicFile.writeFully(out, header);
            for (var name : places.keySet()) {
                writeTensor(Objects.requireNonNull(tensors.get(name)), out);
            }
        });
    }

    /** The place of each tensor's bytes after the header: wide elements first, otherwise in the map's order. */
    private static Map<String, SafeTensorsHeader.Entry> places(Map<String, Tensor> tensors) {
        var byWidth = new ArrayList<>(tensors.entrySet());
        byWidth.sort(Comparator.comparingInt(e -> -ElementType.of(e.getValue().scalar_type()).bytes));
        var places = new LinkedHashMap<String, SafeTensorsHeader.Entry>();
        long at = 0;
        for (var named : byWidth) {
            var type = ElementType.of(named.getValue().scalar_type());
            var shape = Arrays.stream(named.getValue().shape()).boxed().toList();
            long end = at + Shapes.bytes(shape, type);
            places.put(named.getKey(), new SafeTensorsHeader.Entry(type, shape, at, end));
            at = end;
        }
        return places;
    }

    private static ByteBuffer header(
            Map<String, Tensor> tensors, Map<String, String> metadata, Map<String, SafeTensorsHeader.Entry> places) {
        var json = JsonNodeFactory.instance.objectNode();
        if (!metadata.isEmpty()) {
            var strings = json.putObject(SafeTensorsHeader.METADATA);
            metadata.forEach(strings::put);
        }
        for (var name : tensors.keySet()) {
            if (name.equals(SafeTensorsHeader.METADATA)) {
                throw new IllegalArgumentException("a tensor cannot be named " + name);
            }
            var place = Objects.requireNonNull(places.get(name));
            var entry = json.putObject(name).put("dtype", place.type().name());
            var shape = entry.putArray("shape");
            place.shape().forEach(shape::add);
            entry.putArray("data_offsets").add(place.begin()).add(place.end());
        }
        var text = json.toString().getBytes(StandardCharsets.UTF_8);
        int padding = Math.floorMod(-(Long.BYTES + text.length), ALIGNMENT);
        var buffer = ByteBuffer.allocate(Long.BYTES + text.length + padding).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(text.length + padding).put(text);
        while (buffer.hasRemaining()) {
            buffer.put((byte) ' ');
        }
        return buffer.flip();
    }

    private static void writeTensor(Tensor tensor, FileChannel out) throws IOException {
        try (var scope = new PointerScope()) {
            TensorBytes.stream(
                    tensor.detach().resolve_neg().cpu().contiguous(), piece -> AtomicFile.writeFully(out, piece));
        }
    }
}
