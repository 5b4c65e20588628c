package io.lavis4j.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CatalogTest {

    @TempDir
    private Path folder;

    private static List<String> provided(String... names) {
        return Stream.of(names)
                .flatMap(name -> Catalog.shipped().dataset(name).files().stream())
                .flatMap(file -> file.provides().stream())
                .toList();
    }

    private Catalog with(String json) throws IOException {
        var file = folder.resolve("mine.json");
        Files.writeString(file, json);
        return Catalog.shipped().with(file);
    }

    @Test
    void sherlockAndItsImagesAreLaidOutAsTheOriginal() {
        assertThat(provided("sherlock", "vcr", "vg"))
                .containsExactly(
                        "sherlock_dataset/sherlock_train_v1_1.json",
                        "sherlock_dataset/sherlock_val_with_split_idxs_v1_1.json",
                        "vcr1images/",
                        "vg/images/VG_100K/",
                        "vg/images/VG_100K_2/");
    }

    @Test
    void everyDatasetHasATitleTermsAndTheDatasetsOfItsImages() {
        var catalog = Catalog.shipped();
        assertThat(catalog.datasets()).hasSizeGreaterThan(10).allSatisfy(dataset -> {
            assertThat(dataset.title()).isNotBlank();
            assertThat(dataset.terms()).contains("https://");
            assertThat(dataset.files()).isNotEmpty();
            dataset.images().forEach(catalog::dataset);
        });
    }

    @Test
    void whatIsToBeHadByHandSaysHow() {
        var file = Catalog.shipped().dataset("vcr").files().get(0);
        assertThat(file.address()).isNull();
        assertThat(file.byHand()).contains("agreement", "https://visualcommonsense.com/download/", "vcr1images.zip");
    }

    @ParameterizedTest
    @CsvSource({
        "/data/vg/annotations/vg_caption.json, vg_caption",
        "/d/sherlock_dataset/sherlock_train_v1_1.json, sherlock",
        "coco/annotations/vqa_val.json, coco_vqa"
    })
    void theDatasetThatHasAFileIsFoundByItsPath(Path path, String name) {
        assertThat(Catalog.shipped().providing(path).orElseThrow().name()).isEqualTo(name);
    }

    @Test
    void noDatasetHasAnyOtherFile() {
        assertThat(Catalog.shipped().providing(Path.of("/data/mine/train.json")))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "BLIP2/blip2_pretrained_opt2.7b.pth, /LAVIS/models/BLIP2/blip2_pretrained_opt2.7b.pth",
        "InstructBLIP/instruct_blip_flanxl_trimmed.pth, /LAVIS/models/InstructBLIP/instruct_blip_flanxl_trimmed.pth",
        "eva_vit_g.pth, /LAVIS/models/BLIP2/eva_vit_g.pth"
    })
    void weightsHaveTheAddressesOfLavis(String reference, String end) {
        assertThat(Catalog.shipped().weights(reference))
                .hasValue(URI.create("https://storage.googleapis.com/sfr-vision-language-research" + end));
    }

    @Test
    void anAddressOutrightIsItsOwn() {
        assertThat(Catalog.shipped().weights("https://host/a.pth")).hasValue(URI.create("https://host/a.pth"));
        assertThat(Catalog.shipped().weights("mine.pth")).isEmpty();
    }

    @Test
    void aFileOfTheUsersGoesOverTheShippedEntryByEntry() throws IOException {
        var catalog = with("""
                {"datasets": {"vcr": {"title": "VCR", "terms": "agreed", "files": [
                   {"path": "vcr1images.zip", "address": "http://files/vcr.zip", "unpack": ".", "provides": ["vcr1images/"]}]},
                 "own": {"title": "Own", "terms": "mine", "files": [{"path": "own/a.json", "address": "https://h/a"}]}}}
                """);
        assertThat(catalog.dataset("vcr").files().get(0).address()).isEqualTo(URI.create("http://files/vcr.zip"));
        assertThat(catalog.dataset("own").files().get(0).provides()).containsExactly("own/a.json");
        assertThat(catalog.dataset("vg")).isEqualTo(Catalog.shipped().dataset("vg"));
    }

    @Test
    void aMirrorRewritesTheLongestBeginning() throws IOException {
        var catalog = with("""
                        {"mirrors": {"http://images.cocodataset.org/": "https://one/",
                          "http://images.cocodataset.org/zips/": "https://two/z/"}}
                        """).withMirror("https://cs.stanford.edu", "http://three:8080");
        assertThat(catalog.dataset("coco").files().get(0).address())
                .isEqualTo(URI.create("https://two/z/train2014.zip"));
        assertThat(catalog.dataset("vg").files().get(0).address())
                .isEqualTo(URI.create("http://three:8080/people/rak248/VG_100K_2/images.zip"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../a",
                "/a",
                "a/../../b",
                "a\\b",
                "a//b",
                "a/\u0007",
                "",
                "./a",
            })
    void aPathThatCouldLeaveTheRootIsRefused(String path) {
        assertThatThrownBy(
                        () -> new PublishedFile(path, URI.create("https://h/a"), null, null, null, null, List.of("a")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected a path below the root");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"sets\": {}} | expected one of the keys [datasets, mirrors, weights], got \"sets\"",
                "[] | expected a catalog",
                "{\"mirrors\": {\"a\": \"file:///etc\"}} | mirrors.a: expected an address as https://HOST/PATH",
                "{\"weights\": {\"files\": {\"a\": 3}}} | weights.files.a: expected a text, got 3",
                "{\"datasets\": {\"d\": {\"title\": \"t\", \"terms\": \"t\", \"files\": [{\"path\": \"a\"}]}}} | datasets.d.files[0]: a: expected either an address or by_hand",
                "{\"datasets\": {\"d\": {\"title\": \"t\", \"terms\": \"t\", \"files\": [{\"path\": \"a\", \"address\": \"ftp://h/a\"}]}}} | expected an address as https://HOST/PATH, got \"ftp://h/a\"",
                "{\"datasets\": {\"d\": {\"title\": \"t\", \"terms\": \"t\", \"files\": [{\"path\": \"a\", \"address\": \"https://me:pw@h/a\"}]}}} | without a user's name",
                "{\"datasets\": {\"d\": {\"title\": \"t\", \"terms\": \"t\", \"files\": [{\"path\": \"a\", \"address\": \"https://h/a\", \"checksum\": \"md5:12\"}]}}} | expected 32 hexadecimal digits",
                "{\"datasets\": {\"d\": {\"title\": \"t\", \"terms\": \"t\", \"files\": [{\"path\": \"a\", \"address\": \"https://h/a\", \"size\": 1.5}]}}} | size: expected a number of bytes, got 1.5",
                "{\"datasets\": {\"d\": {\"title\": \"t\", \"terms\": \"t\", \"files\": [{\"path\": \"a/\", \"address\": \"https://h/a\"}]}}} | expected the path of a file",
                "{\"datasets\": {\"d\": {\"title\": \"t\", \"terms\": \"t\", \"files\": [{\"path\": \"a.rar\", \"address\": \"https://h/a\", \"unpack\": \".\", \"provides\": [\"a\"]}]}}} | a.rar: expected a name that ends with .zip"
            })
    void aFileOfAnotherFormIsAnErrorThatNamesThePlace(String json, String message) {
        assertThatThrownBy(() -> with(json)).hasMessageContaining("mine.json").hasMessageContaining(message);
    }

    @Test
    void anUnknownDatasetIsAnErrorThatNamesThose() {
        assertThatThrownBy(() -> Catalog.shipped().dataset("imagenet"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sherlock, vcr, vg")
                .hasMessageContaining("\"imagenet\"");
    }
}
