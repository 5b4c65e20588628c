package io.lavis4j.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.download.Caches;
import io.lavis4j.download.Catalog;
import io.lavis4j.download.DownloadPlan;
import io.lavis4j.download.Downloader;
import io.lavis4j.download.FakeHub;
import io.lavis4j.download.FaultyServer;
import io.lavis4j.download.Fetcher;
import io.lavis4j.download.Http;
import io.lavis4j.download.HubSettings;
import io.lavis4j.download.Patience;
import io.lavis4j.download.PlannedFile;
import io.lavis4j.download.TransferListener;
import io.lavis4j.download.WeightRequest;
import java.io.IOException;
import java.net.ProxySelector;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is downloaded is what {@link WeightFiles} finds. */
class DownloadedWeightsTest {

    private static final String OPT = "facebook/opt-2.7b";

    @TempDir
    private Path temp;

    private final Map<String, String> settings = new HashMap<>();
    private FakeHub hub;
    private int attempts = 1;
    private Catalog catalog = Catalog.shipped();

    @BeforeEach
    void nothingIsThere() throws IOException {
        settings.put("user.home", temp.toString());
        hub = new FakeHub(OPT)
                .with("README.md", "words")
                .with("config.json", "{}")
                .with("vocab.json", "{\"a\": 0}")
                .with("merges.txt", "a b")
                .with("flax_model.msgpack", "weights of another program")
                .with("pytorch_model.bin", "weights");
        settings.put("HF_ENDPOINT", hub.address().toString());
    }

    @AfterEach
    void close() throws IOException {
        hub.close();
    }

    private WeightFiles weights() {
        return WeightFiles.of(List.of(), settings::get);
    }

    private DownloadPlan plan(String reference, WeightRequest.Kind kind, @Nullable String revision)
            throws InterruptedException {
        var patience = Patience.usual(Duration.ofSeconds(5), attempts);
        var http = new Http(patience, ProxySelector.of(null));
        var downloader = new Downloader(
                catalog,
                Caches.of(settings::get),
                HubSettings.of(settings::get),
                new Fetcher(http, patience),
                TransferListener.silent());
        return downloader.weights(new WeightRequest(reference, kind, null), revision);
    }

    private List<String> download(String reference, WeightRequest.Kind kind) throws IOException, InterruptedException {
        return plan(reference, kind, null).run(2);
    }

    private Path cached(String path) {
        return temp.resolve(".cache/huggingface/hub/models--facebook--opt-2.7b").resolve(path);
    }

    @Test
    void aModelOfTheHubIsFoundInItsCache() throws Exception {
        assertThat(weights().findModel(OPT)).isEmpty();
        assertThat(download(OPT, WeightRequest.Kind.MODEL)).isEmpty();

        var folder = weights().model(OPT);
        assertThat(folder).isEqualTo(cached("snapshots/" + FakeHub.COMMIT));
        try (var files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("config.json", "vocab.json", "merges.txt", "pytorch_model.bin");
        }
        assertThat(folder.resolve("pytorch_model.bin")).hasContent("weights");
        assertThat(cached("refs/main")).hasContent(FakeHub.COMMIT);
        var blob = cached("blobs/" + FakeHub.sha256("weights".getBytes(StandardCharsets.UTF_8)));
        assertThat(blob).hasContent("weights");
        assertThat(Files.readSymbolicLink(folder.resolve("pytorch_model.bin")))
                .isEqualTo(Path.of("../../blobs").resolve(blob.getFileName()));
    }

    @Test
    void whatIsInTheCacheIsNotFetchedAgain() throws Exception {
        download(OPT, WeightRequest.Kind.MODEL);
        var again = plan(OPT, WeightRequest.Kind.MODEL, null);
        assertThat(again.files())
                .hasSize(4)
                .allSatisfy(file -> assertThat(file.state()).isEqualTo(PlannedFile.State.THERE));
        int before = hub.requestsOfStorage().size();
        assertThat(again.run(1)).isEmpty();
        assertThat(hub.requestsOfStorage()).hasSize(before);
    }

    @Test
    void aTokenizerIsFetchedWithoutWeights() throws Exception {
        assertThat(download(OPT, WeightRequest.Kind.TOKENIZER)).isEmpty();
        assertThat(weights().tokenizer(OPT)).isDirectoryContaining("glob:**merges.txt");
        assertThat(weights().findModel(OPT)).isEmpty();
    }

    @Test
    void shardsAreFetchedWithTheirIndexAndSafetensorsBeforeOthers() throws Exception {
        hub.with("model.safetensors.index.json", "{\"weight_map\": {\"a\": \"model-00001-of-00002.safetensors\"}}")
                .with("model-00001-of-00002.safetensors", "one")
                .with("model-00002-of-00002.safetensors", "two");
        assertThat(download(OPT, WeightRequest.Kind.MODEL)).isEmpty();
        var folder = weights().model(OPT);
        assertThat(folder.resolve("model-00002-of-00002.safetensors")).hasContent("two");
        assertThat(folder.resolve("pytorch_model.bin")).doesNotExist();
    }

    @Test
    void aFolderThatLacksAShardIsFetchedAgain() throws Exception {
        var folder = Files.createDirectories(cached("snapshots/main"));
        var index = Files.writeString(
                folder.resolve("model.safetensors.index.json"),
                "{\"weight_map\": {\"a\": \"model-00001-of-00001.safetensors\"}}");
        assertThat(weights().findModel(OPT)).isPresent();
        var source = Blip2OptType.languageModel(OPT);
        assertThat(WeightRequests.of(List.of(source), weights()).get(0).there()).isNull();
        Files.writeString(index.resolveSibling("model-00001-of-00001.safetensors"), "weights");
        assertThat(WeightRequests.of(List.of(source), weights()).get(0).there()).isEqualTo(folder);
    }

    @Test
    void anotherRevisionIsBesideTheMainOne() throws Exception {
        assertThat(plan(OPT, WeightRequest.Kind.MODEL, "refs/pr/3").run(1)).isEmpty();
        assertThat(hub.requests().get(0).path()).endsWith("/revision/refs%2Fpr%2F3");
        assertThat(cached("refs/refs/pr/3")).hasContent(FakeHub.COMMIT);
        assertThat(cached("refs/main")).doesNotExist();
        assertThatThrownBy(() -> plan(OPT, WeightRequest.Kind.MODEL, "../../x"))
                .hasMessageContaining("expected a revision");
    }

    @Test
    void aCommitIsNotReferredTo() throws Exception {
        assertThat(plan(OPT, WeightRequest.Kind.MODEL, FakeHub.COMMIT).run(1)).isEmpty();
        assertThat(cached("snapshots/" + FakeHub.COMMIT)).isDirectory();
        assertThat(cached("refs")).doesNotExist();
    }

    @Test
    void aGatedModelSaysWhatToDoAndATokenOpensIt() throws Exception {
        hub.token = "secret";
        assertThat(download(OPT, WeightRequest.Kind.MODEL))
                .singleElement()
                .asString()
                .contains("accept its terms at " + hub.address() + "/" + OPT, "HF_TOKEN or --token");

        settings.put("HF_TOKEN", "another");
        assertThat(download(OPT, WeightRequest.Kind.MODEL).get(0)).contains("the one given has no access to it");
        settings.remove("HF_TOKEN");
        Files.createDirectories(temp.resolve(".cache/huggingface"));
        Files.writeString(temp.resolve(".cache/huggingface/token"), "secret\n");
        assertThat(download(OPT, WeightRequest.Kind.MODEL)).isEmpty();
        assertThat(weights().model(OPT)).isDirectory();
        assertThat(hub.requestsOfStorage())
                .isNotEmpty()
                .allSatisfy(
                        request -> assertThat(request.header("authorization")).isNull());
    }

    @Test
    void offlineNothingIsAsked() throws Exception {
        settings.put("HF_HUB_OFFLINE", "1");
        var plan = plan(OPT, WeightRequest.Kind.MODEL, null);
        assertThat(plan.files()).singleElement().satisfies(file -> {
            assertThat(file.isMissing()).isTrue();
            assertThat(file.from()).isEqualTo(hub.address() + "/" + OPT);
        });
        assertThat(plan.run(1)).isEmpty();
        assertThat(hub.requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../evil", "/tmp/evil", "a/b", "", "..", ".hidden-name"})
    void theHubCannotNameAFileOutsideOfItsCache(String etag) throws Exception {
        hub.etag = etag;
        assertThat(download(OPT, WeightRequest.Kind.MODEL))
                .singleElement()
                .asString()
                .contains("expected an ETag");
    }

    @Test
    void namesOfTheHubsThatAreNotAModelsAreNotFetched() throws Exception {
        hub.with("../../config.json", "evil").with("model-00001-of-00001.safetensors/../../x", "evil");
        assertThat(download(OPT, WeightRequest.Kind.MODEL)).isEmpty();
        assertThat(hub.requests()).noneMatch(request -> request.path().contains(".."));
    }

    @Test
    void aModelWithoutWeightsIsAnError() throws Exception {
        assertThat(download("facebook/other", WeightRequest.Kind.MODEL).get(0))
                .contains("there is no model facebook/other");
        try (var empty = new FakeHub(OPT).with("config.json", "{}")) {
            settings.put("HF_ENDPOINT", empty.address() + "/");
            assertThat(download(OPT, WeightRequest.Kind.MODEL).get(0)).contains("has no weights", "[config.json]");
        }
    }

    @Test
    void aCheckpointGoesToTheCacheOfTorchHub() throws Exception {
        var weights = "weights".getBytes(StandardCharsets.UTF_8);
        try (var server =
                new FaultyServer((request, out) -> FaultyServer.file(request, out, weights, weights.length))) {
            catalog = catalog.withMirror(
                    "https://storage.googleapis.com/",
                    server.address("/mirror/").toString());
            String reference = "BLIP2/blip2_pretrained_opt2.7b.pth";
            assertThat(download(reference, WeightRequest.Kind.FILE)).isEmpty();
            assertThat(server.requests().get(0).path())
                    .isEqualTo("/mirror/sfr-vision-language-research/LAVIS/models/" + reference);
            assertThat(weights().file(reference))
                    .isEqualTo(temp.resolve(".cache/torch/hub/checkpoints/blip2_pretrained_opt2.7b.pth"))
                    .hasContent("weights");
        }
    }

    @Test
    void whatIsToBeMadeByHandSaysHow() throws Exception {
        var plan = plan("./llm/vicuna-7b", WeightRequest.Kind.MODEL, null);
        assertThat(plan.files()).singleElement().satisfies(file -> {
            assertThat(file.state()).isEqualTo(PlannedFile.State.BY_HAND);
            assertThat(file.from()).contains("Vicuna 7B v1.1", "model.llm_model");
        });
        assertThat(plan("mine.pth", WeightRequest.Kind.FILE, null)
                        .files()
                        .get(0)
                        .from())
                .contains("no address is known");
    }

    @Test
    void everyPublishedTypeIsMadeOfWhatHasAnAddressOrIsSaidHowToMake() throws Exception {
        settings.put("HF_HUB_OFFLINE", "1");
        for (var architecture : new ModelZoo()) {
            for (String type : architecture.published()) {
                var requests = WeightRequests.of(architecture.type(type).sources(), weights());
                assertThat(requests).hasSizeGreaterThanOrEqualTo(3);
                for (var request : requests) {
                    assertThat(plan(request.reference(), request.kind(), null)
                                    .files()
                                    .get(0)
                                    .from())
                            .doesNotContain("no address", "a path of yours");
                }
            }
        }
    }

    @Test
    void aBusyHubIsAskedAgain() throws Exception {
        hub.busy = 1;
        assertThat(plan(OPT, WeightRequest.Kind.MODEL, null).files().get(0).from())
                .contains("the server answers 503");
        hub.busy = 2;
        attempts = 3;
        assertThat(download(OPT, WeightRequest.Kind.MODEL)).isEmpty();
        assertThat(weights().model(OPT)).isDirectory();
    }
}
