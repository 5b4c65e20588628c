package example;

import io.lavis4j.dataset.Dataset;
import io.lavis4j.dataset.Sample;
import io.lavis4j.dataset.SampleTexts;
import io.lavis4j.processor.TextProcessor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Images {@code NAME.png} with a caption in {@code NAME.txt}. */
record FoldersDataset(String name, List<Path> images, List<String> captions) implements Dataset {

    static FoldersDataset read(String name, Path folder) {
        try (var files = Files.list(folder)) {
            var images = files.filter(file -> file.toString().endsWith(".png")).sorted().toList();
            var captions = images.stream().map(FoldersDataset::caption).toList();
            return new FoldersDataset(name, images, captions);
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " cannot be read", e);
        }
    }

    private static String caption(Path image) {
        try {
            return Files.readString(Path.of(image.toString().replaceFirst("png$", "txt"))).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(image + " has no caption beside it", e);
        }
    }

    @Override
    public int size() {
        return images.size();
    }

    @Override
    public Sample sample(int index, TextProcessor text) {
        String caption = captions.get(index);
        return new Sample(
                images.get(index),
                SampleTexts.of(instanceId(index), text.process(caption)).withReferences(List.of(caption)));
    }

    @Override
    public String instanceId(int index) {
        return images.get(index).getFileName().toString();
    }

    @Override
    public Map<String, List<String>> references() {
        var references = new LinkedHashMap<String, List<String>>();
        for (int i = 0; i < size(); i++) {
            references.put(instanceId(i), List.of(captions.get(i)));
        }
        return references;
    }
}
