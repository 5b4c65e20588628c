package io.lavis4j.check;

import io.lavis4j.dataset.Sample;
import io.lavis4j.dataset.SampleSource;
import io.lavis4j.dataset.SampleTexts;
import io.lavis4j.processor.ImageSize;
import io.lavis4j.runner.UsedSplit;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A list of samples, record by record in its order, a portion at a time on all cores. Each file is read once. Memory is
 * what the open data set takes, and for each record and each different file at most 64 bytes of a {@link LongTable}, up
 * to {@link LongTable#MOST} of them; files after these are read for each record anew, and ids after these are not
 * compared.
 */
final class SplitCheck {

    private static final long BROKEN = 0;

    private final UsedSplit used;
    private final SampleSource source;
    private final Inspection inspection;
    private final Findings findings;
    private final SplitTally tally;

    /** Sizes by digest of the file's name, width above height; {@link #BROKEN} of one that cannot be read. */
    private final LongTable sizes = new LongTable();

    SplitCheck(UsedSplit used, SampleSource source, Inspection inspection) {
        this.used = used;
        this.source = source;
        this.inspection = inspection;
        findings = new Findings(inspection.name(used));
        tally = new SplitTally(used, inspection.texts());
    }

    /**
     * A record as it becomes a sample.
     *
     * @param sample {@code null} if it cannot be made
     * @param tokens of its texts
     * @param problem why it cannot be made
     */
    @SuppressWarnings("ArrayRecordComponent") // read at once, never compared
    private record Plan(
            int index,
            @Nullable Sample sample,
            int[] tokens,
            @Nullable String problem) {}

    /** Looks at everything. */
    void run() {
        var dataset = source.dataset();
        findings.addAll(Kind.RECORD_LEFT_OUT, dataset.leftOut());
        inspection.seen().begin(used.training(), this::placed);
        int size = dataset.size(), portion = inspection.workers().portion();
        for (int first = 0; first < size; first += portion) {
            int end = Math.min(size, first + portion);
            var plans =
                    inspection.workers().map(IntStream.range(first, end).boxed().toList(), this::plan);
            var read = read(plans);
            plans.forEach(plan -> take(plan, read));
            inspection.progress(used, end, size);
        }
        inspection.add(tally.report(dataset.leftOut().size()), findings);
    }

    private String placed(long position) {
        var sample = source.dataset().sample((int) position, source.textProcessor());
        return "%s of sample %d of %s".formatted(sample.image(), position, inspection.name(used));
    }

    private Plan plan(int index) {
        try {
            var sample = source.dataset().sample(index, source.textProcessor());
            var draws = source.random().of(inspection.seed(), 0, index);
            var texts = sample.texts().asked(source.textProcessor(), draws);
            return new Plan(index, sample, inspection.texts().measure(texts), null);
        } catch (RuntimeException e) { // as loading takes it: a fault of the record that nothing replaces
            return new Plan(index, null, new int[0], named(index) + ": " + e.getMessage());
        }
    }

    /** The files of these records that have not been read before. */
    private Map<Path, ImageFile> read(List<Plan> plans) {
        var unread = plans.stream()
                .flatMap(plan -> Stream.ofNullable(plan.sample()))
                .map(Sample::image)
                .distinct()
                .filter(file -> !sizes.has(Digest.of(file.toString())))
                .toList();
        var read = new LinkedHashMap<Path, ImageFile>();
        inspection
                .workers()
                .map(unread, file -> ImageFile.of(file, source.pipeline(), inspection.quick()))
                .forEach(image -> read.put(Path.of(image.name()), image));
        return read;
    }

    private void take(Plan plan, Map<Path, ImageFile> read) {
        var sample = plan.sample();
        if (sample == null) {
            findings.add(Kind.SAMPLE_FAILS, () -> String.valueOf(plan.problem()));
            return;
        }
        takeTexts(plan, sample.texts());
        tally.add(sample);
        long digest = Digest.of(sample.image().toString());
        var image = read.get(sample.image());
        if (image != null && !sizes.has(digest)) {
            takeImage(plan.index(), digest, image);
        }
        long size = image != null ? packed(image.size()) : sizes.get(digest);
        if (size != BROKEN) {
            var found = new ImageSize((int) (size >>> Integer.SIZE), (int) size);
            new RegionCheck(named(plan.index()), sample.image().toString(), sample.regions(), found).run(findings);
        }
    }

    private void takeTexts(Plan plan, SampleTexts texts) {
        if (!source.dataset().sharesIds() && tally.isKnown(texts.instanceId())) {
            findings.add(Kind.ID_TWICE, () -> named(plan.index()));
        }
        if (used.training() && isEmpty(texts)) {
            findings.add(Kind.TEXT_EMPTY, () -> named(plan.index()));
        }
        var passed = tally.lengths().add(plan.tokens());
        if (passed != null) {
            findings.add(
                    Kind.TEXT_CUT,
                    () -> "%s: longer than model.%s, %d tokens"
                            .formatted(named(plan.index()), passed.key(), passed.tokens()));
        }
    }

    /** The text to learn has nothing after what all begin with. */
    private boolean isEmpty(SampleTexts texts) {
        String output = texts.textOutput();
        return output != null
                ? texts.textOutputs().stream().anyMatch(String::isBlank)
                : texts.textInput().strip().equals(used.dataset().textStart().strip());
    }

    private void takeImage(int index, long digest, ImageFile image) {
        sizes.putIfAbsent(digest, packed(image.size()));
        String problem = image.problem();
        tally.addImage(problem == null);
        if (problem != null) {
            inspection.broken().addFile(digest);
            findings.add(image.isMissing() ? Kind.IMAGE_MISSING : Kind.IMAGE_BROKEN, () -> problem);
        } else if (!inspection.quick()) {
            inspection.seen().add(image, index, findings);
        }
    }

    private static long packed(@Nullable ImageSize size) {
        return size == null ? BROKEN : (long) size.width() << Integer.SIZE | size.height();
    }

    private String named(int index) {
        return "sample %d of %s (instance_id %s)"
                .formatted(index, used.dataset().name(), source.dataset().instanceId(index));
    }
}
