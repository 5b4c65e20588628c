package io.lavis4j.quickstart;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.io.JsonFile;
import io.lavis4j.io.Temporary;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.UUID;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.stream.FileImageOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A drawn corpus in the layout and format of Sherlock (arXiv:2202.04800): annotation files under their real names,
 * images where the rules for URLs put them.
 *
 * <p>Texts, regions and pixels depend on the settings alone. The images are JPEG as the real ones are; their bytes are
 * those of the JDK's encoder.
 *
 * @param trainImages images of the training split, with two records each and no held-out pair
 * @param valImages images of the validation split, with two records each and every pair about equally often
 * @param seed two seeds give two corpora of the same kind
 */
public record QuickstartCorpus(int trainImages, int valImages, long seed) {

    private static final Logger LOG = LoggerFactory.getLogger(QuickstartCorpus.class);

    /** The content of the annotation files, for messages. */
    static final String ANNOTATIONS = "a JSON list of Sherlock's records";

    private static final String MARKER = "quickstart_corpus.json";
    private static final String FOLDER = "sherlock_dataset";
    private static final String TRAIN = "sherlock_train_v1_1.json";
    private static final String VAL = "sherlock_val_with_split_idxs_v1_1.json";
    private static final float JPEG_QUALITY = 0.95f;
    private static final int RETRIEVAL_SPLITS = 23;

    /** Raised when other images or texts come out of the same settings. */
    private static final int VERSION = 1;

    public QuickstartCorpus {
        if (trainImages < 1 || valImages < 1) {
            throw new IllegalArgumentException(
                    "expected at least one image in each split, got %d and %d".formatted(trainImages, valImages));
        }
    }

    /** 1000 training and 288 validation images. */
    public static QuickstartCorpus ofSeed(long seed) {
        return new QuickstartCorpus(1000, 288, seed);
    }

    /**
     * Draws the corpus unless it is there. It appears in one step, so that a folder that exists is complete.
     *
     * @param root parent of {@code sherlock_dataset}, {@code vg} and {@code vcr1images}
     * @throws IllegalStateException if something else is there
     * @throws UncheckedIOException if it cannot be written
     */
    public void drawInto(Path root) {
        if (isIn(root)) {
            LOG.info("corpus of seed {} in {} is used again", seed, root);
            return;
        }
        var target = root.toAbsolutePath();
        try (var temporary = Temporary.beside(target)) {
            write(temporary.path());
            Files.move(temporary.path(), target, StandardCopyOption.ATOMIC_MOVE);
            LOG.info("corpus of seed {} drawn in {}", seed, root);
        } catch (FileSystemException e) {
            if (!isIn(root)) { // else another process was faster
                throw new UncheckedIOException("the corpus cannot be written to %s: %s".formatted(root, e), e);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the corpus cannot be written to %s: %s".formatted(root, e), e);
        }
    }

    /** Annotations of the training split. */
    static Path trainingFile(Path root) {
        return root.resolve(FOLDER).resolve(TRAIN);
    }

    /** Annotations of the validation split. */
    static Path validationFile(Path root) {
        return root.resolve(FOLDER).resolve(VAL);
    }

    private boolean isIn(Path root) {
        if (!Files.exists(root)) {
            return false;
        }
        var marker = root.resolve(MARKER);
        var found = Files.exists(marker)
                ? JsonFile.of(marker, "the corpus " + marker()).tree()
                : null;
        if (marker().equals(found)) {
            return true;
        }
        throw new IllegalStateException("%s holds %s, expected the corpus %s; delete the folder or name another"
                .formatted(root, found == null ? "no drawn corpus" : "the corpus " + found, marker()));
    }

    private ObjectNode marker() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("version", VERSION)
                .put("train_pictures", trainImages)
                .put("val_pictures", valImages)
                .put("seed", Long.toString(seed)); // a text: small numbers would be read back as another type
    }

    private void write(Path root) throws IOException {
        Files.createDirectories(root.resolve(FOLDER));
        JsonFile.write(trainingFile(root), write(root, "train", 0, Scenes.training(trainImages, seed)));
        JsonFile.write(validationFile(root), write(root, "val", trainImages, Scenes.validation(valImages, seed)));
        JsonFile.write(root.resolve(MARKER), marker());
    }

    /** @return the records */
    private ArrayNode write(Path root, String split, int firstNumber, List<Scene> scenes) throws IOException {
        var records = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < scenes.size(); i++) {
            var scene = scenes.get(i);
            var file = ImageFile.numbered(firstNumber + i);
            write(scene, root.resolve(file.path()));
            for (int observation = 0; observation < scene.objects().size(); observation++) {
                var id = UUID.nameUUIDFromBytes(
                        "%d %s %d %d".formatted(seed, split, i, observation).getBytes(StandardCharsets.UTF_8));
                var record = record(scene, observation, file.url())
                        .put("instance_id", id.toString().replace("-", ""));
                if (split.equals("val")) {
                    record.put("split_idx", i % RETRIEVAL_SPLITS);
                }
                records.add(record);
            }
        }
        return records;
    }

    private static ObjectNode record(Scene scene, int observation, String url) {
        var thing = scene.objects().get(observation);
        var record = JsonNodeFactory.instance.objectNode();
        var inputs = record.putObject("inputs");
        inputs.putObject("image").put("url", url).put("width", Scene.WIDTH).put("height", Scene.HEIGHT);
        inputs.putArray("bboxes")
                .addObject()
                .put("height", thing.side())
                .put("width", thing.side())
                .put("left", thing.left())
                .put("top", thing.top());
        inputs.put("clue", scene.clue(thing))
                .put("confidence", 1.0 + (thing.x() + thing.y()) % 3) // nobody was asked; the real values are 1 to 3
                .put("obs_idx", observation);
        record.putObject("targets").put("inference", scene.pair(thing).inference());
        return record;
    }

    private static void write(Scene scene, Path file) throws IOException {
        Files.createDirectories(file.resolveSibling("."));
        var image = new BufferedImage(Scene.WIDTH, Scene.HEIGHT, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, Scene.WIDTH, Scene.HEIGHT, scene.paint(), 0, Scene.WIDTH);
        var writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        try (var out = new FileImageOutputStream(file.toFile())) {
            var parameters = writer.getDefaultWriteParam();
            parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            parameters.setCompressionQuality(JPEG_QUALITY);
            writer.setOutput(out);
            writer.write(null, new IIOImage(image, null, null), parameters);
        } finally {
            writer.dispose();
        }
    }
}
