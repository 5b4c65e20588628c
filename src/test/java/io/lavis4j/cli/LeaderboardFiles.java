package io.lavis4j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Instance files and answer keys of all three tasks, made from the validation records of the mini corpus. */
final class LeaderboardFiles {

    static final Path ROOT = Path.of("src/test/resources/sherlock_mini");

    private static final int REGIONS = 3;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<JsonNode> records = new ArrayList<>();
    private int ids;

    private LeaderboardFiles() throws IOException {
        JSON.readTree(ROOT.resolve("sherlock_dataset/sherlock_val_with_split_idxs_v1_1.json")
                        .toFile())
                .forEach(records::add);
    }

    /** Writes the files of a made-up validation set. */
    static void write(Path folder) {
        try {
            var files = new LeaderboardFiles();
            files.comparison(Files.createDirectories(folder.resolve("val_comparison")));
            files.localization(Files.createDirectories(folder.resolve("val_localization")));
            files.retrieval(Files.createDirectories(folder.resolve("val_retrieval")), 0);
            files.retrieval(folder.resolve("val_retrieval"), 1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String inference(JsonNode record) {
        return record.at("/targets/inference").textValue();
    }

    private static String id(JsonNode record) {
        return record.get("instance_id").textValue();
    }

    /** Adds an instance and returns its test id; later ones are not larger. */
    private String add(ArrayNode instances, JsonNode region, JsonNode text) {
        String testId = "%08x".formatted((++ids * 0x9E3779B9L) & 0xFFFFFFFFL);
        var instance = instances.addObject();
        instance.set("image", region.at("/inputs/image"));
        instance.set("region", region.at("/inputs/bboxes"));
        instance.put("inference", inference(text));
        instance.put("test_id", testId);
        instance.putObject("extra_info");
        return testId;
    }

    private void comparison(Path folder) throws IOException {
        ArrayNode instances = JSON.createArrayNode();
        ObjectNode key = JSON.createObjectNode();
        var map = key.putObject("test_id_map");
        var annotations = key.putArray("annotations");
        for (int region = 0; region < REGIONS; region++) {
            var annotation = annotations.addObject().put("Input_iid", id(records.get(region)));
            var candidates = annotation.putArray("candidates");
            for (int text = 0; text < 10; text++) {
                map.putObject(add(instances, records.get(region), records.get(text)))
                        .put("Input_iid", id(records.get(region)))
                        .put("candidate", id(records.get(text)));
                candidates
                        .addObject()
                        .put("source_iid", id(records.get(text)))
                        .put("annot1", 1 + (text + region) % 3)
                        .put("annot2", 1 + text % 3);
            }
        }
        write(folder.resolve("val_comparison_instances.json"), instances);
        write(folder.resolve("val_comparison_answer_key.json"), key);
    }

    private void localization(Path folder) throws IOException {
        ArrayNode instances = JSON.createArrayNode();
        ObjectNode key = JSON.createObjectNode();
        for (int box = 0; box < 2; box++) {
            for (int text = 0; text < 2; text++) {
                String url = records.get(0).at("/inputs/image/url").textValue();
                key.putObject(add(instances, moved(box), records.get(text)))
                        .put("type", "gt")
                        .put("image", url)
                        .put("inst_id", id(records.get(text)))
                        .put("bbox_idx", box)
                        .put("correct", box == text);
                key.putObject(add(instances, moved(box + 2), records.get(text)))
                        .put("type", "auto")
                        .put("image", url)
                        .put("inst_id", id(records.get(text)))
                        .put("IoU", box == text ? 0.8 : 0.1);
            }
        }
        write(folder.resolve("val_localization_instances.json"), instances);
        write(folder.resolve("val_localization_answer_key.json"), key);
    }

    /** The first record with its box elsewhere. */
    private JsonNode moved(int by) {
        var record = records.get(0).deepCopy();
        ((ObjectNode) record.at("/inputs/bboxes/0")).put("left", 20 * by);
        return record;
    }

    private void retrieval(Path folder, int split) throws IOException {
        ArrayNode instances = JSON.createArrayNode();
        ObjectNode key = JSON.createObjectNode();
        var part = records.subList(split * REGIONS, (split + 1) * REGIONS);
        for (var region : part) {
            for (var text : part) {
                key.putArray(add(instances, region, text)).add(id(region)).add(id(text));
            }
        }
        write(folder.resolve("val_retrieval_%d_instances.json".formatted(split)), instances);
        write(folder.resolve("val_retrieval_%d_answer_key.json".formatted(split)), key);
        var testIds = JSON.createArrayNode();
        key.fieldNames().forEachRemaining(testIds::add);
        write(folder.resolve("val_retrieval_%d_instance_ids.json".formatted(split)), testIds);
    }

    private static void write(Path file, JsonNode content) throws IOException {
        JSON.writeValue(file.toFile(), content);
    }
}
