package io.lavis4j;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    /** From top to bottom; a package may use those in later lines only. */
    private static final List<List<String>> LAYERS = List.of(
            List.of("cli"),
            List.of("serve"),
            List.of("quickstart"),
            List.of("report"),
            List.of("runner"),
            List.of("task"),
            List.of("zoo"),
            List.of("model.blip2"),
            List.of("model.evavit", "model.clipvit", "model.qformer", "model.opt", "model.t5", "model.llama"),
            List.of("optim"),
            List.of("model"),
            List.of("generate"),
            List.of("dataset"),
            List.of("processor"),
            List.of("image"),
            List.of("checkpoint"),
            List.of("dist"),
            List.of("nn"),
            List.of("tensor"),
            List.of("config", "tokenize", "metric"),
            List.of("io"));

    private static JavaClasses all;

    @BeforeAll
    static void read() {
        System.setProperty("archunit.resolveMissingDependenciesFromClassPath", "false");
        all = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("io.lavis4j");
    }

    private static String name(String layer) {
        return layer.equals("model") ? "io.lavis4j.model" : "io.lavis4j." + layer + "..";
    }

    @Test
    void importsPointDown() {
        for (int i = 0; i < LAYERS.size(); i++) {
            for (var lower : LAYERS.get(i)) {
                for (int j = 0; j <= i; j++) {
                    for (var upper : LAYERS.get(j)) {
                        if (!upper.equals(lower)) {
                            noClasses()
                                    .that()
                                    .resideInAPackage(name(lower))
                                    .should()
                                    .dependOnClassesThat()
                                    .resideInAPackage(name(upper))
                                    .allowEmptyShould(true)
                                    .check(all);
                        }
                    }
                }
            }
        }
    }

    @Test
    void everyPackageHasItsPlace() {
        var known = LAYERS.stream()
                .flatMap(List::stream)
                .map(name -> "io.lavis4j." + name)
                .toList();
        var packages = all.stream().map(c -> c.getPackageName()).distinct().toList();
        assertThat(packages)
                .isNotEmpty()
                .allSatisfy(name -> assertThat(known)
                        .anyMatch(place -> name.equals(place)
                                || (!place.equals("io.lavis4j.model") && name.startsWith(place + "."))));
    }

    @Test
    void plainPackagesKnowNoLibtorch() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.lavis4j.config..", "io.lavis4j.tokenize..", "io.lavis4j.metric..", "io.lavis4j.io..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.bytedeco..")
                .allowEmptyShould(true)
                .check(all);
    }

    @Test
    void onlyTheCommandLinePrintsOrExits() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.lavis4j.cli..")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .callMethod(System.class, "exit", int.class)
                .check(all);
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
                .map(c -> c.getPackageName())
                .toList();
        assertThat(all.stream().map(c -> c.getPackageName()).distinct()).allMatch(documented::contains);
    }
}
