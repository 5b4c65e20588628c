package io.lavis4j.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightFilesTest {

    private static final String EVA = "eva_vit_g.pth";

    @TempDir
    Path temp;

    private Path home;
    private Path given;
    private final Map<String, String> settings = new HashMap<>();

    @BeforeEach
    void nothingIsSetButTheHome() {
        home = temp.resolve("home");
        given = temp.resolve("given");
        settings.put("user.home", home.toString());
    }

    private WeightFiles weights() {
        return WeightFiles.of(List.of(given), settings::get);
    }

    private static Path touch(Path file) throws IOException {
        Files.createDirectories(file.resolveSibling("."));
        return Files.writeString(file, "");
    }

    /** A cached model with a revision and what it points to. */
    private static Path snapshot(Path cache, String folder, String weights) throws IOException {
        var repository = cache.resolve(folder);
        touch(repository.resolve("refs/main"));
        Files.writeString(repository.resolve("refs/main"), "0a1b2c\n");
        return touch(repository.resolve("snapshots/0a1b2c").resolve(weights))
                .resolveSibling(".")
                .normalize();
    }

    @Test
    void aPathOutrightIsTakenAsItIs() throws IOException {
        var file = touch(temp.resolve("my weights.pth"));
        assertThat(weights().file(file.toString())).isEqualTo(file);
        assertThat(weights().model(temp.toString())).isEqualTo(temp);
        assertThat(weights().model(file.toString())).isEqualTo(file);
        assertThatThrownBy(() -> weights().file(temp + "/other.pth"))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("not found; looked at:")
                .hasMessageContaining("give the path of what exists");
    }

    @Test
    void givenDirectoriesComeBeforeSettingsAndCaches() throws IOException {
        var cached = touch(home.resolve(".cache/torch/hub/checkpoints").resolve(EVA));
        assertThat(weights().file(EVA)).isEqualTo(cached);

        var variable = touch(temp.resolve("variable").resolve(EVA));
        settings.put("LAVIS_WEIGHTS", temp.resolve("nothing") + "::" + temp.resolve("variable"));
        assertThat(weights().file(EVA)).isEqualTo(variable);

        var property = touch(temp.resolve("property").resolve(EVA));
        settings.put("lavis4j.weights", temp.resolve("property").toString());
        assertThat(weights().file(EVA)).isEqualTo(property);

        var first = touch(given.resolve(EVA));
        assertThat(weights().file(EVA)).isEqualTo(first);
    }

    @Test
    void cachesMoveWithTheirVariables() throws IOException {
        settings.put("XDG_CACHE_HOME", temp.resolve("xdg").toString());
        var xdg = touch(temp.resolve("xdg/torch/hub/checkpoints").resolve(EVA));
        assertThat(weights().file(EVA)).isEqualTo(xdg);
        settings.put("TORCH_HOME", temp.resolve("torch").toString());
        var torch = touch(temp.resolve("torch/hub/checkpoints").resolve(EVA));
        assertThat(weights().file(EVA)).isEqualTo(torch);

        settings.put("HF_HOME", temp.resolve("hf").toString());
        var hf = snapshot(temp.resolve("hf/hub"), "models--facebook--opt-2.7b", "model.safetensors");
        assertThat(weights().model("facebook/opt-2.7b")).isEqualTo(hf);
        settings.put("HF_HUB_CACHE", temp.resolve("hub").toString());
        var hub = snapshot(temp.resolve("hub"), "models--facebook--opt-2.7b", "pytorch_model.bin.index.json");
        assertThat(weights().model("facebook/opt-2.7b")).isEqualTo(hub);
    }

    @Test
    void aFileMayLieWithoutItsPublishedDirectory() throws IOException {
        var plain = touch(given.resolve("blip2_pretrained_opt2.7b.pth"));
        assertThat(weights().file("BLIP2/blip2_pretrained_opt2.7b.pth")).isEqualTo(plain);
        var whole = touch(given.resolve("BLIP2/blip2_pretrained_opt2.7b.pth"));
        assertThat(weights().file("BLIP2/blip2_pretrained_opt2.7b.pth")).isEqualTo(whole);
    }

    @Test
    void aUrlIsItsLastPart() throws IOException {
        var file = touch(given.resolve(EVA));
        assertThat(weights().file("https://example.org/models/BLIP2/" + EVA + "?download=1"))
                .isEqualTo(file);
        assertThatIllegalArgumentException().isThrownBy(() -> weights().file("https://example.org/models/"));
        assertThatIllegalArgumentException().isThrownBy(() -> weights().file("https://example.org/.."));
    }

    @ParameterizedTest
    @ValueSource(strings = {"facebook/opt-2.7b", "opt-2.7b"})
    void aModelMayLieUnderEitherName(String folder) throws IOException {
        var weights = touch(given.resolve(folder).resolve("pytorch_model.bin"));
        assertThat(weights().model("facebook/opt-2.7b"))
                .isEqualTo(weights.resolveSibling(".").normalize());
    }

    @Test
    void aGivenDirectoryMayBeLaidOutAsTheHubsCache() throws IOException {
        var snapshot = snapshot(given, "models--facebook--opt-2.7b", "model.safetensors.index.json");
        assertThat(weights().model("facebook/opt-2.7b")).isEqualTo(snapshot);
    }

    @ParameterizedTest
    @ValueSource(strings = {"models--bert-base-uncased", "models--google-bert--bert-base-uncased"})
    void bertIsKnownByBothItsNames(String folder) throws IOException {
        var snapshot = snapshot(home.resolve(".cache/huggingface/hub"), folder, "model.safetensors");
        assertThat(weights().model("bert-base-uncased")).isEqualTo(snapshot);
        assertThat(weights().model("google-bert/bert-base-uncased")).isEqualTo(snapshot);
    }

    @Test
    void aDirectoryWithoutWeightsIsPassedOver() throws IOException {
        touch(given.resolve("opt-2.7b/tokenizer.json"));
        assertThat(weights().findModel("facebook/opt-2.7b")).isEmpty();
        assertThatThrownBy(() -> weights().model("facebook/opt-2.7b"))
                .hasMessageContaining(given.resolve("opt-2.7b") + "  (a directory without [model.safetensors");
        var cached =
                snapshot(home.resolve(".cache/huggingface/hub"), "models--facebook--opt-2.7b", "model.safetensors");
        assertThat(weights().model("facebook/opt-2.7b")).isEqualTo(cached);
    }

    @Test
    void theErrorNamesEveryPlaceAndWhatToDo() {
        settings.put("LAVIS_WEIGHTS", temp.resolve("variable").toString());
        assertThatThrownBy(() -> weights().file("BLIP2/blip2_pretrained_opt2.7b.pth"))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith("BLIP2/blip2_pretrained_opt2.7b.pth not found; looked at:")
                .hasMessageContaining(
                        given.resolve("BLIP2/blip2_pretrained_opt2.7b.pth").toString())
                .hasMessageContaining(
                        given.resolve("blip2_pretrained_opt2.7b.pth").toString())
                .hasMessageContaining(
                        temp.resolve("variable/blip2_pretrained_opt2.7b.pth").toString())
                .hasMessageContaining(home.resolve(".cache/torch/hub/checkpoints/blip2_pretrained_opt2.7b.pth")
                        .toString())
                .hasMessageContaining("put it at " + given.resolve("blip2_pretrained_opt2.7b.pth"))
                .hasMessageContaining("lavis4j.weights")
                .hasMessageContaining("LAVIS_WEIGHTS");
        assertThatThrownBy(() -> weights().model("facebook/opt-2.7b"))
                .hasMessageContaining(given.resolve("facebook/opt-2.7b").toString())
                .hasMessageContaining(
                        given.resolve("models--facebook--opt-2.7b").toString())
                .hasMessageContaining(home.resolve(".cache/huggingface/hub/models--facebook--opt-2.7b")
                        .toString())
                .hasMessageContaining("put it at " + given.resolve("opt-2.7b"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a/../../b.pth", "..", "a//b.pth", "a/", "a\\b.pth", "a\nb", ".", "x/./y"})
    void namesThatLeaveTheirRootAreRefused(String name) {
        assertThatIllegalArgumentException().isThrownBy(() -> weights().file(name));
        assertThatIllegalArgumentException().isThrownBy(() -> weights().model(name));
    }

    @Test
    void aRevisionThatLeavesTheCacheIsRefused() throws IOException {
        snapshot(given, "models--facebook--opt-2.7b", "model.safetensors");
        Files.writeString(given.resolve("models--facebook--opt-2.7b/refs/main"), "../../../../etc");
        assertThatThrownBy(() -> weights().model("facebook/opt-2.7b"))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("refs/main: expected the number of a revision");
    }

    @Test
    void theProcessesOwnSettingsAreRead() throws IOException {
        var file = touch(temp.resolve("own").resolve("only-here.pth"));
        String before = System.getProperty("lavis4j.weights");
        System.setProperty("lavis4j.weights", temp.resolve("own").toString());
        try {
            assertThat(WeightFiles.in(List.of()).file("only-here.pth")).isEqualTo(file);
        } finally {
            if (before == null) {
                System.clearProperty("lavis4j.weights");
            } else {
                System.setProperty("lavis4j.weights", before);
            }
        }
    }

    @Test
    void aTokenizerIsFoundWithoutWeightsAndInTheCache() throws IOException {
        assertThatThrownBy(() -> weights().tokenizer("bert-base-uncased"))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith("bert-base-uncased not found; looked at:");
        var cached = snapshot(
                home.resolve(".cache/huggingface/hub"), "models--google-bert--bert-base-uncased", "tokenizer.json");
        assertThat(weights().tokenizer("bert-base-uncased")).isEqualTo(cached);
        var folder = touch(given.resolve("bert-base-uncased/vocab.txt")).resolveSibling(".");
        assertThat(weights().tokenizer("bert-base-uncased")).isEqualTo(folder.normalize());
        assertThatThrownBy(() -> weights().model("bert-base-uncased"))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("(a directory without [model.safetensors.index.json, ");
    }

    @Test
    void whatIsNowhereNamesTheCommandThatFetchesIt() {
        assertThatThrownBy(() -> weights().file("BLIP2/blip2_caption_opt2.7b.pth"))
                .hasMessageEndingWith(", or fetch it: download model blip2_opt caption_coco_opt2.7b");
        assertThatThrownBy(() -> weights().file("mine.pth")).hasMessageNotContaining("download");
    }

    @Test
    void theCommandIsThatOfTheTypeThatIsBeingLoaded() {
        var sources = Blip2T5Type.ARCHITECTURE.type("pretrain_flant5xxl").sources();
        assertThatThrownBy(() -> LocatedWeights.find(sources, weights()))
                .hasMessageStartingWith(EVA + " not found")
                .hasMessageEndingWith(", or fetch it: download model blip2_t5 pretrain_flant5xxl");
    }
}
