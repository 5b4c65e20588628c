package io.lavis4j.reproduce;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.config.Configuration;
import io.lavis4j.zoo.WeightFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an evaluation needs on disk. */
class NeededFileTest {

    private static final String ANNOTATIONS = "sherlock_dataset/sherlock_val_with_split_idxs_v1_1.json";

    @TempDir
    private Path folder = Path.of("");

    private List<NeededFile> needed(String... options) {
        var all = new ArrayList<>(List.of("model.finetuned=./nowhere.pth", "model.opt_model=nobody/nothing"));
        all.addAll(List.of(options));
        return NeededFile.of(
                Configuration.load("evaluate/caption_sherlock.yaml", all, variable -> null),
                WeightFiles.in(List.of(folder)));
    }

    @Test
    void whatIsThereIsFoundAndTheRestMissing() throws IOException {
        var vit = Files.createFile(folder.resolve("eva_vit_g.pth"));
        Files.createDirectory(folder.resolve("sherlock_dataset"));
        var annotations = Files.createFile(folder.resolve(ANNOTATIONS));
        String kind = "sherlock_caption, ";
        assertThat(needed("data_root=" + folder))
                .containsExactly(
                        new NeededFile("vision encoder", "eva_vit_g.pth", vit.toString()),
                        new NeededFile("language model", "nobody/nothing", null),
                        new NeededFile("BLIP-2 checkpoint", "./nowhere.pth", null),
                        new NeededFile(kind + "annotations", ANNOTATIONS, annotations.toString()),
                        new NeededFile(kind + "images", ".", folder.toString()));
    }

    @Test
    void withoutARootDataAreMissingUnlessTheirPathsAreWhole() throws IOException {
        var images = Files.createDirectory(folder.resolve("images"));
        assertThat(needed("datasets.sherlock_caption.build_info.images.storage=" + images))
                .contains(
                        new NeededFile("sherlock_caption, annotations", ANNOTATIONS, null),
                        new NeededFile("sherlock_caption, images", images.toString(), images.toString()));
    }

    @Test
    void aFileOfReferencesIsNeeded() throws IOException {
        var file = Files.createFile(folder.resolve("references.json"));
        assertThat(needed("run.annotation_file=" + file))
                .contains(new NeededFile("references", file.toString(), file.toString()));
        assertThat(needed("run.annotation_file=nowhere.json"))
                .contains(new NeededFile("references", "nowhere.json", null));
    }
}
