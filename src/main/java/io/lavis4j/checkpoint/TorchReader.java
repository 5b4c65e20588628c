package io.lavis4j.checkpoint;

import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the files of {@code torch.save}: a zip of a pickle and storages, or before PyTorch 1.6 one stream of pickles.
 */
final class TorchReader {
    private static final long FIRST_PIECE = 1 << 26;
    private static final BigInteger LEGACY_MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
    private static final long LEGACY_PROTOCOL = 1001;
    private static final ByteBuffer LITTLE =
            StandardCharsets.US_ASCII.encode("little").asReadOnlyBuffer();

    private record LegacyStorage(ElementType type, long count) {}

    private TorchReader() {}

    static @Nullable Object readZip(MappedFile file) {
        var zip = new ZipDirectory(file);
        var folder = zip.folder();
        if (folder == null || !zip.contains(folder + "data.pkl")) {
            throw file.bad("a zip file without the record data.pkl is not a PyTorch checkpoint");
        }
        var byteOrder = folder + "byteorder";
        if (zip.contains(byteOrder) && !zip.read(byteOrder).equals(LITTLE)) {
            throw bigEndian(file);
        }
        var names = new TorchNames(file, (key, type, count) -> zip.place(folder + "data/" + key));
        try {
            return Unpickler.load(file, zip.read(folder + "data.pkl"), names);
        } catch (BufferUnderflowException e) {
            throw cut(file);
        }
    }

    /**
     * Reads the old stream: magic number, protocol, system, the tree, the storages' keys, then each storage as its
     * count and its bytes. Nothing says where the pickles end, so they are read from a larger piece of the file where
     * one was too small.
     */
    static @Nullable Object readLegacy(MappedFile file) {
        long most = Math.min(file.size, MappedFile.MAX_READ);
        for (long piece = Math.min(FIRST_PIECE, most); ; piece = Math.min(4 * piece, most)) {
            try {
                return readLegacy(file, file.read(0, piece));
            } catch (BufferUnderflowException e) {
                if (piece == most) {
                    throw cut(file);
                }
            }
        }
    }

    /** The tree comes before the places of its storages are known, so it is read twice. */
    private static @Nullable Object readLegacy(MappedFile file, ByteBuffer in) {
        var storages = new LinkedHashMap<String, LegacyStorage>();
        var withoutPlaces = new TorchNames(file, (key, type, count) -> {
            storages.putIfAbsent(key, new LegacyStorage(type, count));
            return null;
        });
        if (!LEGACY_MAGIC.equals(Unpickler.load(file, in, withoutPlaces))) {
            throw file.bad("a bare pickle is not a PyTorch checkpoint; write it with torch.save");
        }
        var protocol = Unpickler.load(file, in, withoutPlaces);
        if (!Long.valueOf(LEGACY_PROTOCOL).equals(protocol)) {
            throw file.bad("expected legacy protocol %d, got %s", LEGACY_PROTOCOL, protocol);
        }
        if (Unpickler.load(file, in, withoutPlaces) instanceof Map<?, ?> system
                && Boolean.FALSE.equals(system.get("little_endian"))) {
            throw bigEndian(file);
        }
        int treeStart = in.position();
        Unpickler.load(file, in, withoutPlaces);
        int treeEnd = in.position();
        var keys = Unpickler.load(file, in, withoutPlaces);
        var places = legacyPlaces(file, keys instanceof List<?> list ? list : List.of(), storages, in.position());

        var names = new TorchNames(file, (key, type, count) -> place(file, places, key));
        return Unpickler.load(file, in.slice(treeStart, treeEnd - treeStart), names);
    }

    private static Map<String, TorchNames.Place> legacyPlaces(
            MappedFile file, List<?> keys, Map<String, LegacyStorage> storages, long start) {
        var places = new LinkedHashMap<String, TorchNames.Place>();
        long at = start;
        for (var key : keys) {
            var storage = storages.get(String.valueOf(key));
            if (storage == null) {
                throw file.bad("storage %s belongs to no tensor of a supported dtype", key);
            }
            long bytes = Shapes.bytes(List.of(storage.count), storage.type);
            long data = at + Long.BYTES;
            if (data > file.size || bytes < 0 || bytes > file.size - data) {
                throw file.damaged(
                        "storage %s of %d %s at byte %d goes beyond the file of %d bytes",
                        key, storage.count, storage.type.python, at, file.size);
            }
            long count = file.read(at, Long.BYTES).getLong();
            if (count != storage.count) {
                throw file.damaged("storage %s: expected %d elements, got %d", key, storage.count, count);
            }
            places.put(String.valueOf(key), new TorchNames.Place(data, bytes));
            at = data + bytes;
        }
        return places;
    }

    private static TorchNames.Place place(MappedFile file, Map<String, TorchNames.Place> places, String key) {
        var place = places.get(key);
        if (place == null) {
            throw file.damaged("storage %s is missing", key);
        }
        return place;
    }

    private static CheckpointException cut(MappedFile file) {
        return file.damaged("the pickle ends in the middle");
    }

    private static CheckpointException bigEndian(MappedFile file) {
        return file.bad("written by a big-endian machine, which is not supported; save it again on this one");
    }
}
