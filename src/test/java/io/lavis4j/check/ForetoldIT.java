package io.lavis4j.check;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.download.Catalog;
import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.runner.MiniRuns;
import io.lavis4j.zoo.WeightFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Data are made wrong in every way, checked, and trained on: errors are what training fails of, by its own words. */
@ExtendWith(LibtorchFirst.class)
class ForetoldIT {

    @TempDir
    private Path folder = Path.of("");

    /**
     * Wrong data.
     *
     * @param name of what is wrong
     * @param expected that the check finds, and no other error; {@code null} for nothing but texts that are cut, which
     *     the corpus has
     * @param spoil makes a sound corpus wrong
     * @param options of the run
     */
    private record Wrong(String name, @Nullable Kind expected, Consumer<MiniRoot> spoil, String... options) {}

    private static void eachRecord(MiniRoot root, String file, Consumer<ObjectNode> change) {
        root.edit(file, records -> records.forEach(change));
    }

    private static ObjectNode at(ObjectNode record, String path) {
        return (ObjectNode) record.at(path);
    }

    private static Consumer<MiniRoot> first(String file, Consumer<ObjectNode> change) {
        return root -> root.edit(file, records -> change.accept(records.get(0)));
    }

    private static Consumer<MiniRoot> without(String file, int images) {
        return root -> root.images(file).subList(0, images).forEach(root::delete);
    }

    private static void box(ObjectNode record, int left, int width) {
        ((ObjectNode) record.at("/inputs/bboxes/0")).put("left", left).put("width", width);
    }

    private static List<Wrong> wrongs() {
        String train = MiniRoot.TRAIN, val = MiniRoot.VAL;
        return List.of(
                new Wrong("nothing", null, root -> {}),
                new Wrong("no training annotations", Kind.ANNOTATIONS, root -> root.delete(root.file(train))),
                new Wrong("no annotations of evaluation", Kind.ANNOTATIONS, root -> root.delete(root.file(val))),
                new Wrong("broken JSON", Kind.ANNOTATIONS, root -> root.cut(root.file(train))),
                new Wrong("an empty list", Kind.ANNOTATIONS, root -> root.write(val, "[]")),
                new Wrong(
                        "a wrong field in training",
                        Kind.RECORD_LEFT_OUT,
                        first(train, record -> at(record, "/inputs").put("obs_idx", "first"))),
                new Wrong(
                        "a wrong field in evaluation",
                        Kind.ANNOTATIONS,
                        first(val, record -> at(record, "/targets").put("inference", 3))),
                new Wrong(
                        "no sound record",
                        Kind.ANNOTATIONS,
                        root -> eachRecord(root, train, record -> record.remove("targets"))),
                new Wrong("a missing image in training", Kind.IMAGE_MISSING, without(train, 1)),
                new Wrong(
                        "a missing image in training that must not be skipped",
                        Kind.LOADING_FAILS,
                        without(train, 1),
                        "run.on_broken_train=fail"),
                new Wrong("a missing image in evaluation", Kind.LOADING_FAILS, without(val, 1)),
                new Wrong(
                        "a missing image in evaluation that may be skipped",
                        Kind.IMAGE_MISSING,
                        without(val, 1),
                        "run.on_broken_eval=skip"),
                new Wrong("images missing beyond the share", Kind.LOADING_FAILS, without(train, 12)),
                new Wrong(
                        "images missing within a greater share",
                        Kind.IMAGE_MISSING,
                        without(train, 12),
                        "run.max_broken_share=1"),
                new Wrong("no folder of images", Kind.LOADING_FAILS, root -> {
                    root.delete(root.file("vg"));
                    root.delete(root.file("vcr1images"));
                }),
                new Wrong(
                        "another folder of images",
                        Kind.LOADING_FAILS,
                        root -> {},
                        "datasets.sherlock_caption.build_info.images.storage=nowhere",
                        "run.max_broken_share=1"),
                new Wrong(
                        "a cut image in training",
                        Kind.IMAGE_BROKEN,
                        root -> root.cut(root.images(train).get(3))),
                new Wrong(
                        "a cut image in evaluation",
                        Kind.LOADING_FAILS,
                        root -> root.cut(root.images(val).get(3))),
                new Wrong("a box outside", Kind.BOX_OUTSIDE, first(train, record -> box(record, 100_000, 10))),
                new Wrong("a box beyond the edge", Kind.BOX_BEYOND, first(val, record -> box(record, -5, 20))),
                new Wrong("a box without width", Kind.BOX_EMPTY, first(val, record -> box(record, 3, 0))),
                new Wrong(
                        "another size",
                        Kind.SIZE_MISMATCH,
                        first(train, record -> at(record, "/inputs/image").put("width", 7))),
                new Wrong(
                        "a text too long",
                        Kind.TEXT_CUT,
                        first(val, record -> at(record, "/targets").put("inference", "word ".repeat(500)))),
                new Wrong(
                        "a text without a word",
                        Kind.TEXT_EMPTY,
                        first(train, record -> at(record, "/targets").put("inference", "..."))),
                new Wrong("an id twice in training", Kind.ID_TWICE, ForetoldIT::idTwice),
                new Wrong(
                        "an id twice in evaluation",
                        Kind.ANNOTATIONS,
                        root -> root.edit(
                                val,
                                records -> records.get(1)
                                        .set("instance_id", records.get(0).get("instance_id")))),
                new Wrong("an image twice", Kind.IMAGE_TWICE, root -> copied(root, train, 0, train, 1)),
                new Wrong(
                        "an image of evaluation in training",
                        Kind.IMAGE_TRAINED_ON,
                        root -> copied(root, train, 0, val, 0)),
                new Wrong(
                        "parts that references do not have",
                        Kind.ANNOTATIONS,
                        root -> {},
                        "run.text_parts=[Clue, Inference]"),
                new Wrong("fewer samples than a batch", Kind.RUN, root -> {}, "run.batch_size_train=1000"));
    }

    private static void idTwice(MiniRoot root) {
        root.edit(
                MiniRoot.TRAIN,
                records -> records.get(1).set("instance_id", records.get(0).get("instance_id")));
    }

    private static void copied(MiniRoot root, String from, int image, String to, int over) {
        var source = root.images(from).get(image);
        var target = root.images(to).get(over);
        root.delete(target);
        MiniRoot.copy(source, target);
    }

    @TestFactory
    Stream<DynamicTest> errorsAreWhatTrainingFailsOf() {
        return wrongs().stream().map(wrong -> DynamicTest.dynamicTest(wrong.name(), () -> check(wrong)));
    }

    private void check(Wrong wrong) throws Exception {
        var place = Files.createDirectory(folder.resolve(wrong.name().replace(' ', '_')));
        var root = MiniRoot.in(place.resolve("data"));
        wrong.spoil().accept(root);
        var options = Stream.concat(
                        Stream.of("data_root=" + root.root(), "run.max_epoch=1", "run.batch_size_eval=16"),
                        Stream.of(wrong.options()))
                .toArray(String[]::new);
        var run = MiniRuns.in(place.resolve("output"), options);

        var report =
                new DataCheck(run.config(), WeightFiles.in(List.of()), Catalog.shipped()).run(CheckOptions.thorough());

        var kinds = report.problems().stream().map(Problem::kind).toList();
        if (wrong.expected() == null) {
            assertThat(kinds).containsOnly(Kind.TEXT_CUT, Kind.TERMS);
        } else {
            assertThat(kinds).as(report.json()).contains(wrong.expected());
            boolean fails = wrong.expected().level() == Level.ERROR;
            assertThat(report.isSound()).as(report.json()).isEqualTo(!fails);
        }
        var failure = failure(run);
        if (report.isSound()) {
            assertThat(failure).isNull();
        } else {
            var foretold =
                    report.problems().stream().filter(Problem::isError).flatMap(problem -> problem.examples().stream());
            assertThat(failure).isNotNull();
            assertThat(foretold).as("training: " + failure).contains(failure);
        }
    }

    private static @Nullable String failure(MiniRuns run) {
        try {
            run.train();
            return null;
        } catch (RuntimeException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
