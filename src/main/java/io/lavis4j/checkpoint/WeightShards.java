package io.lavis4j.checkpoint;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** The JSON index beside a checkpoint's shards: {@code {"weight_map": {tensor name: file name}}}. */
final class WeightShards {
    private WeightShards() {}

    /** Reads the tensors that the index names, in its order, from shards in the index's folder or below. */
    static Map<String, Tensor> read(MappedFile index) {
        var json = Json.object(index, "shard index", index.read(0, index.size));
        var weightMap = json.path("weight_map");
        if (!weightMap.isObject()) {
            throw index.bad("expected a shard index with an object weight_map; this JSON file is not a checkpoint");
        }
        var shards = new HashMap<String, Map<String, Tensor>>();
        var tensors = new LinkedHashMap<String, Tensor>();
        for (var field : weightMap.properties()) {
            if (!field.getValue().isTextual()) {
                throw index.bad("tensor %s: expected the name of a shard, got %s", field.getKey(), field.getValue());
            }
            var shard = field.getValue().textValue();
            var contents = shards.computeIfAbsent(shard, name -> Checkpoints.shard(resolve(index, name)));
            var tensor = contents.get(field.getKey());
            if (tensor == null) {
                throw index.damaged("tensor %s is not in shard %s, where the index puts it", field.getKey(), shard);
            }
            tensors.put(field.getKey(), tensor);
        }
        return tensors;
    }

    private static Path resolve(MappedFile index, String shard) {
        try {
            var relative = Path.of(shard);
            if (relative.isAbsolute() || relative.startsWith("..") || !relative.equals(relative.normalize())) {
                throw index.bad("shard %s is not a file in the index's folder; do not use this checkpoint", shard);
            }
            return index.path.resolveSibling(relative);
        } catch (InvalidPathException e) {
            throw index.bad("shard name %s is not a file name: %s", shard, e.getReason());
        }
    }
}
