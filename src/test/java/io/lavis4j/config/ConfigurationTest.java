package io.lavis4j.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationTest {

    private static final String USER = """
            model:
              arch: blip2_opt
              model_type: caption_coco_opt2.7b
              load_finetuned: False
            datasets:
              sherlock_caption:
                region_mode: none
            run:
              train_splits: [train]
            """;

    @TempDir
    Path temp;

    private static Configuration merge(String yaml, String... options) {
        return merge(Map.of(), yaml, options);
    }

    private static Configuration merge(Map<String, String> environment, String yaml, String... options) {
        return Configuration.merge(
                YamlReader.parse("a.yaml", yaml), Options.tree(List.of(options)), name -> variable(environment, name));
    }

    private static @Nullable String variable(Map<String, String> environment, String name) {
        return environment.get(name);
    }

    private static @Nullable Object at(Configuration configuration, String... path) {
        @Nullable Object value = configuration.tree();
        for (String key : path) {
            value = Section.present(Tree.map(value)).get(key);
        }
        return value;
    }

    private static void assertProblems(Configuration configuration, String... beginnings) {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> configuration.bind(root -> "bound"))
                .satisfies(e -> {
                    assertThat(e.problems()).hasSameSizeAs(beginnings);
                    for (int i = 0; i < beginnings.length; i++) {
                        assertThat(e.problems().get(i)).startsWith(beginnings[i]);
                    }
                });
    }

    @Test
    void theUsersFileIsOverTheDefaultsAndOptionsOverBoth() {
        var c = merge(USER, "model.max_txt_len=40", "datasets.sherlock_caption.build_info.images.storage=elsewhere");
        assertThat(at(c, "model", "load_finetuned")).isEqualTo(false);
        assertThat(at(c, "model", "image_size")).isEqualTo(364);
        assertThat(at(c, "model", "max_txt_len")).isEqualTo(40);
        assertThat(at(c, "preprocess", "vis_processor", "train", "name")).isEqualTo("blip_image_train");
        assertThat(at(c, "datasets", "sherlock_caption", "region_mode")).isEqualTo("none");
        assertThat(at(c, "datasets", "sherlock_caption", "data_type")).isEqualTo("images");
        assertThat(at(c, "datasets", "sherlock_caption", "build_info", "images", "storage"))
                .isEqualTo("elsewhere");
        assertThat(at(c, "datasets", "sherlock_caption", "build_info", "annotations", "val", "storage"))
                .isEqualTo("sherlock_dataset/sherlock_val_with_split_idxs_v1_1.json");
        assertThat(at(c, "run", "train_splits")).isEqualTo(List.of("train"));
    }

    @Test
    void mapsAreMergedAndListsReplacedWhole() {
        Map<String, Object> lower = YamlReader.parse("", "{a: {x: 1, y: [1, 2]}, b: {c: 1}, d: 1, e: 1}");
        Map<String, Object> upper = YamlReader.parse("", "{a: {y: [3]}, b: 2, d: {f: 1}, e: null}");
        assertThat(Tree.merged(lower, upper))
                .isEqualTo(YamlReader.parse("", "{a: {x: 1, y: [3]}, b: 2, d: {f: 1}, e: null}"));
        assertThat(lower).isEqualTo(YamlReader.parse("", "{a: {x: 1, y: [1, 2]}, b: {c: 1}, d: 1, e: 1}"));
    }

    @Test
    void anOptionChoosesTheDefaultFile() {
        var c = merge(USER, "model.model_type=pretrain_opt6.7b");
        assertThat(at(c, "model", "opt_model")).isEqualTo("facebook/opt-6.7b");
        assertThat(at(c, "model", "image_size")).isEqualTo(224);
        assertThat(at(c, "model", "load_finetuned")).isEqualTo(false);
    }

    @Test
    void aDataSetThatIsOnlyNamedHasItsDefaults() {
        for (var c :
                List.of(merge("datasets:\n  sherlock_caption:\n"), merge("run: {}", "datasets.sherlock_caption="))) {
            assertThat(at(c, "datasets", "sherlock_caption", "region_mode")).isEqualTo("highlight");
        }
    }

    @Test
    void unknownModelsAndDataSetsAreErrorsThatNameTheKnown() {
        assertProblems(
                merge("model: {arch: blip2_op, model_type: small}"),
                "model.arch is \"blip2_op\", which is unknown; did you mean blip2_opt? Known are [");
        assertProblems(
                merge("model: {arch: blip2_opt, model_type: caption_coco_opt2.7}"),
                "model.model_type is \"caption_coco_opt2.7\", which is unknown; did you mean caption_coco_opt2.7b? Known"
                        + " are [caption_coco_opt2.7b, caption_coco_opt6.7b, pretrain_opt2.7b, pretrain_opt6.7b, small]");
        assertProblems(
                merge("datasets: {sherlok_caption: {}, x: 5}"),
                "datasets.x must be a section, got 5",
                "datasets.sherlok_caption is not a known data set; did you mean sherlock_caption? Known are [");
        assertProblems(merge("datasets: {my_pets: {}}"), "datasets.my_pets is not a known data set; expected one of [");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> merge("datasets: {my_pets: {}}").bind(root -> "bound"))
                .withMessageContaining(
                        "]; images and texts of one's own have in this entry a builder, image_folder, image_text or");
        assertProblems(
                merge("datasets: {sherlock_caption: {type: mini}}"),
                "datasets.sherlock_caption.type is \"mini\", which is unknown; expected one of [default]");
        assertProblems(
                merge("model: {arch: ../x, model_type: y}\ndatasets: {../model/x: {}}"),
                "model.arch is \"../x\", which is unknown",
                "datasets.../model/x is not a known data set");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> Configuration.model("blip2_opt", "smal"))
                .withMessageContaining("model_type is \"smal\", which is unknown; did you mean small?");
    }

    private static int imageSize(Section model) {
        model.ignore("arch");
        model.ignore("model_type");
        return model.integer("image_size");
    }

    @Test
    void whatADefaultFileWouldHaveGivenIsNotCalledMissing() {
        var c = merge("model: {arch: blip2_opt, model_type: x, image_siz: 5}\nruns: {}");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> c.bind(root -> root.section("model").<Integer>read(ConfigurationTest::imageSize)))
                .satisfies(e -> assertThat(e.problems())
                        .satisfiesExactly(
                                first -> assertThat(first).startsWith("model.model_type is \"x\", which is unknown"),
                                second -> assertThat(second).startsWith("model.image_siz is unknown"),
                                third -> assertThat(third).isEqualTo("runs is unknown; did you mean run?")));
    }

    @Test
    void dataRootComesFromOptionsThenTheFileThenTheEnvironment() {
        var environment = Map.of("LAVIS_DATA_ROOT", "of-environment");
        assertThat(merge(environment, "data_root: of-file", "data_root=of-option")
                        .dataRoot())
                .isEqualTo(Path.of("of-option"));
        assertThat(merge(environment, "data_root: of-file").dataRoot()).isEqualTo(Path.of("of-file"));
        assertThat(merge(environment, "data_root:\nrun: {}").dataRoot()).isEqualTo(Path.of("of-environment"));
        assertThat(merge("run: {}").dataRoot()).isNull();
        assertThat(merge(Map.of("LAVIS_DATA_ROOT", " "), "run: {}").dataRoot()).isNull();
        assertThat(merge(environment, "run: {}").tree()).containsEntry("data_root", "of-environment");
    }

    @Test
    void theMergedTreeIsEnoughToRunAgain() throws IOException {
        var c = merge(Map.of("LAVIS_DATA_ROOT", "DIR"), USER, "run.init_lr=1e-5", "run.test_splits=[]");
        var file = temp.resolve("config.yaml");
        Files.writeString(file, c.yaml());
        assertThat(Configuration.load(file.toString(), List.of(), name -> "other")
                        .tree())
                .isEqualTo(c.tree());
        assertThat(Configuration.of(YamlReader.read(file)).tree()).isEqualTo(c.tree());
        assertThat(Configuration.of(YamlReader.read(file)).dataRoot()).isEqualTo(Path.of("DIR"));
    }

    @Test
    void jsonIsLaidOutAsPythonDoes() {
        var c = Configuration.of(YamlReader.parse("", "run: {a: 1, b: [x, 0.5], c: [], d: {}, e: null, f: True}"));
        assertThat(c.json()).isEqualTo("""
                {
                    "run": {
                        "a": 1,
                        "b": [
                            "x",
                            0.5
                        ],
                        "c": [],
                        "d": {},
                        "e": null,
                        "f": true
                    }
                }""");
    }

    @Test
    void cfgPathIsAFileOrTheNameOfAShippedOne() throws IOException {
        var file = temp.resolve("mine.yaml");
        Files.writeString(file, "run: {seed: 7}");
        assertThat(at(Configuration.load(file.toString(), List.of("run.seed=8"), name -> null), "run", "seed"))
                .isEqualTo(8);
        for (String name : List.of("finetune/caption_sherlock.yaml", "./configs/finetune/caption_sherlock.yaml")) {
            assertThat(at(Configuration.load(name, List.of(), n -> null), "run", "task"))
                    .isEqualTo("captioning");
        }
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> Configuration.load("finetune/caption_sherlok.yaml", List.of(), name -> null))
                .withMessageStartingWith(
                        "no file \"finetune/caption_sherlok.yaml\", nor is one of that name shipped; did"
                                + " you mean finetune/caption_sherlock.yaml? Known are [");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> Configuration.load(temp.toString(), List.of(), name -> null))
                .withMessageStartingWith("no file \"" + temp);
    }

    @Test
    void aModelTypesDefaultsCanBeReadByName() {
        var root = Configuration.model("blip2_opt", "small");
        assertThat(root.section("model").string("vit_model")).isEqualTo("eva_small");
        assertThat(root.section("preprocess")
                        .section("text_processor")
                        .section("train")
                        .string("prompt"))
                .isEqualTo("Inference: ");
    }

    @Test
    void filesOfAJarAreListedToo() throws IOException {
        var jar = temp.resolve("a.jar");
        try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
            for (String name : List.of("configs/model/", "configs/model/a.yaml", "configs/model/x/b.yaml", "c.yaml")) {
                out.putNextEntry(new JarEntry(name));
                out.closeEntry();
            }
        }
        for (String folder : List.of("configs/model", "configs/model/")) {
            var url = java.net.URI.create("jar:" + jar.toUri() + "!/" + folder).toURL();
            assertThat(ShippedConfigs.files(url)).containsExactly("a.yaml");
        }
        assertThat(ShippedConfigs.text("model/none.yaml")).isNull();
        assertThat(ShippedConfigs.text("../configs/model/blip2_opt_small.yaml")).isNull();
    }
}
