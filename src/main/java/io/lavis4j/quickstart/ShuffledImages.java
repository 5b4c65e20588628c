package io.lavis4j.quickstart;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.io.JsonFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Random;

/** Annotations in which every record has the image and regions of another one, but its own id and inference. */
final class ShuffledImages {

    private ShuffledImages() {}

    /**
     * Writes a shuffled copy of an annotation file. No record keeps its own inputs, if there are at least two.
     *
     * @throws java.io.UncheckedIOException if a file cannot be read or written
     */
    static void write(Path annotations, Path target, long seed) {
        var records = JsonFile.of(annotations, QuickstartCorpus.ANNOTATIONS).list();
        var order = new ArrayList<Integer>();
        for (int i = 0; i < records.size(); i++) {
            order.add(i);
        }
        Collections.shuffle(order, new Random(seed));
        var donors = new int[order.size()];
        for (int i = 0; i < order.size(); i++) { // one cycle through all
            donors[order.get(i)] = order.get((i + 1) % order.size());
        }
        var shuffled = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < donors.length; i++) {
            ObjectNode record = records.get(i).deepCopy();
            record.set("inputs", records.get(donors[i]).get("inputs"));
            shuffled.add(record);
        }
        JsonFile.write(target, shuffled);
    }
}
