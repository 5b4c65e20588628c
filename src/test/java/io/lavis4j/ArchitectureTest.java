package io.lavis4j;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    /** Every package, from top to bottom; one may use those in later lines only. */
    private static final List<List<String>> LAYERS = List.of(
            List.of("cli"),
            List.of("quickstart", "doctor"),
            List.of("report", "estimate", "reproduce", "check", "caption"),
            List.of("runner"),
            List.of("task.sherlock"),
            List.of("task"),
            List.of("zoo.huggingface"),
            List.of("zoo"),
            List.of("model.blip2"),
            List.of("model.evavit", "model.clipvit", "model.qformer", "model.opt", "model.llama", "model.t5"),
            List.of("model.causal", "model.vit"),
            List.of("dataset.sherlock", "dataset.caption", "dataset.vqa", "dataset.own", "dataset.shard"),
            List.of("dataset.record"),
            List.of("dataset"),
            List.of("features"),
            List.of("optim"),
            List.of("model"),
            List.of("generate"),
            List.of("processor"),
            List.of("image"),
            List.of("checkpoint"),
            List.of("nn"),
            List.of("distributed"),
            List.of("tensor"),
            List.of("metric.meteor", "metric.vqa", "metric.sherlock"),
            List.of("metric"),
            List.of("download"),
            List.of("config", "tokenize", "tensorboard", "metric.ptb"),
            List.of("io"));

    private static final int MAX_LINES = 400;
    private static final Pattern CATCH_ALL = Pattern.compile("catch \\((final )?(Exception|Throwable)\\b");

    private static JavaClasses all;

    @BeforeAll
    static void read() {
        System.setProperty("archunit.resolveMissingDependenciesFromClassPath", "false");
        all = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("io.lavis4j");
    }

    private static String name(String layer) {
        return "io.lavis4j." + layer;
    }

    private static List<String> layers() {
        return LAYERS.stream().flatMap(List::stream).map(ArchitectureTest::name).toList();
    }

    @Test
    void everyPackageHasItsPlaceAndEveryPlaceAPackage() {
        var packages = all.stream()
                .map(JavaClass::getPackageName)
                .filter(name -> !name.equals("io.lavis4j")) // the map, no class
                .distinct()
                .toList();
        assertThat(packages).containsExactlyInAnyOrderElementsOf(layers());
    }

    @Test
    void signalsAreTheCommandLines() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.lavis4j.cli")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("sun.misc")
                .check(all);
    }

    @Test
    void importsPointDown() {
        for (int i = 0; i < LAYERS.size(); i++) {
            for (var lower : LAYERS.get(i)) {
                String[] above = LAYERS.subList(0, i + 1).stream()
                        .flatMap(List::stream)
                        .filter(layer -> !layer.equals(lower))
                        .map(ArchitectureTest::name)
                        .toArray(String[]::new);
                if (above.length > 0) {
                    noClasses()
                            .that()
                            .resideInAPackage(name(lower))
                            .should()
                            .dependOnClassesThat()
                            .resideInAnyPackage(above)
                            .check(all);
                }
            }
        }
    }

    @Test
    void theContractIsInterfacesAndRecordsAlone() {
        classes()
                .that()
                .resideInAPackage("io.lavis4j.model")
                .and()
                .doNotHaveSimpleName("package-info")
                .should()
                .beInterfaces()
                .orShould()
                .beRecords()
                .orShould()
                .beEnums()
                .check(all);
    }

    @Test
    void plainPackagesKnowNoLibtorchAndNothingOfOursButReading() {
        for (String plain : List.of("config", "tokenize", "tensorboard", "metric", "image", "download", "io")) {
            noClasses()
                    .that()
                    .resideInAPackage(name(plain) + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("org.bytedeco..")
                    .check(all);
        }
        for (String plain : List.of("config", "tokenize", "tensorboard", "metric", "download")) {
            String[] others = layers().stream()
                    .filter(layer -> !layer.equals(name("io")) && !(layer + ".").startsWith(name(plain) + "."))
                    .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage(name(plain) + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(others)
                    .check(all);
        }
    }

    @Test
    void modelsAreMathematicsWithoutTheBindingsOptionals() throws IOException {
        assertThat(sources("src/main/java/io/lavis4j/model"))
                .isNotEmpty()
                .allSatisfy(file -> assertThat(Files.readString(file))
                        .as(file.toString())
                        .doesNotContainPattern("org\\.bytedeco\\.pytorch\\.\\w+Optional"));
    }

    @Test
    void onlyTheCommandLinePrintsExitsOrBegins() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.lavis4j.cli")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .accessField(System.class, "in")
                .orShould()
                .callMethod(System.class, "exit", int.class)
                .check(all);
        methods()
                .that()
                .haveName("main")
                .should()
                .beDeclaredInClassesThat()
                .resideInAPackage("io.lavis4j.cli")
                .check(all);
    }

    /** On a GPU libtorch for CUDA is enough: the bindings' natives may be those for a CPU. */
    @Test
    void nobodyNeedsTheBindingsOfCuda() {
        noClasses()
                .that()
                .doNotHaveSimpleName("PeakMemory") // does without
                .and()
                .doNotHaveSimpleName("Statistics")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("org.bytedeco.pytorch.global.torch_cuda")
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("org.bytedeco.pytorch.cuda..", "org.bytedeco.cuda..")
                .check(all);
    }

    /** Native memory is closed, not collected; the heap itself is given back at one place. */
    @Test
    void nobodyCollectsGarbage() {
        noClasses()
                .that()
                .doNotHaveSimpleName("JavaHeap")
                .should()
                .callMethod(System.class, "gc")
                .orShould()
                .callMethod(Runtime.class, "gc")
                .check(all);
    }

    @Test
    void nobodyCatchesEverything() throws IOException {
        assertThat(sources("src/main/java"))
                .hasSizeGreaterThan(300)
                .allSatisfy(file ->
                        assertThat(Files.readString(file)).as(file.toString()).doesNotContainPattern(CATCH_ALL));
    }

    @Test
    void noFileIsTooLongToRead() {
        assertThat(Stream.of("src/main/java", "src/test/java", "src/jmh/java", "src/small-models/java")
                        .flatMap(root -> sources(root).stream()))
                .allSatisfy(file -> assertThat(Files.readAllLines(file).size())
                        .as(file.toString())
                        .isLessThanOrEqualTo(MAX_LINES));
    }

    private static List<Path> sources(String root) {
        try (var files = Files.walk(Path.of(root))) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void everyPackageIsNullMarked() {
        classes()
                .that()
                .haveSimpleName("package-info")
                .should()
                .beAnnotatedWith("org.jspecify.annotations.NullMarked")
                .check(all);
        var documented = all.stream()
                .filter(c -> c.getSimpleName().equals("package-info"))
                .map(JavaClass::getPackageName)
                .toList();
        assertThat(all.stream().map(JavaClass::getPackageName).distinct()).allMatch(documented::contains);
    }
}
