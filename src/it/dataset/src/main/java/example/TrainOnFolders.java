package example;

import io.lavis4j.config.Configuration;
import io.lavis4j.runner.Job;
import io.lavis4j.runner.JobConfig;
import io.lavis4j.task.LogListener;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;

/** Trains an epoch on a data set of this project's own, as {@code lavis4j train} does with this jar beside it. */
public final class TrainOnFolders {

    private static final List<String> COLOURS = List.of("red", "green", "blue", "black");

    private TrainOnFolders() {}

    public static void main(String[] arguments) throws IOException {
        var root = Path.of(arguments[0], "folders");
        for (String split : List.of("train", "val")) {
            draw(Files.createDirectories(root.resolve(split)));
        }
        var options = List.of("data_root=" + root, "run.output_dir=" + Path.of(arguments[0], "output"));
        var config = JobConfig.read(Configuration.load(
                Path.of("src/main/resources/train.yaml").toString(), options, name -> null));
        try (var job = Job.open(config)) {
            var run = job.train(new LogListener(1));
            String log = Files.readString(run.log());
            if (!log.contains("\"val_CIDEr\"") || !log.contains("\"train_loss\"")) {
                throw new IllegalStateException("expected losses and scores of an epoch, got " + log);
            }
        }
    }

    private static void draw(Path folder) throws IOException {
        for (String colour : COLOURS) {
            var image = new BufferedImage(100, 80, BufferedImage.TYPE_INT_RGB);
            var graphics = image.createGraphics();
            graphics.setColor(new Color(colour.hashCode()));
            graphics.fillRect(20, 20, 60, 40);
            ImageIO.write(image, "png", folder.resolve(colour + ".png").toFile());
            Files.writeString(folder.resolve(colour + ".txt"), "someone who likes " + colour + " lives here");
        }
    }
}
