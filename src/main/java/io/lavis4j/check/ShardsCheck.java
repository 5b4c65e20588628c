package io.lavis4j.check;

import io.lavis4j.dataset.SampleTexts;
import io.lavis4j.dataset.shard.ShardReader;
import io.lavis4j.dataset.shard.StreamSource;
import io.lavis4j.image.BrokenImageException;
import io.lavis4j.runner.UsedSplit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Shards, one after the other; the samples of each are read on all cores, a portion at a time. */
final class ShardsCheck {

    /** A sample's place is its shard's number above its own. */
    private static final int NUMBER_BITS = 31;

    private final UsedSplit used;
    private final StreamSource source;
    private final Inspection inspection;
    private final Findings findings;
    private final SplitTally tally;

    ShardsCheck(UsedSplit used, StreamSource source, Inspection inspection) {
        this.used = used;
        this.source = source;
        this.inspection = inspection;
        findings = new Findings(inspection.name(used));
        tally = new SplitTally(used, inspection.texts());
    }

    /**
     * A sample that was read.
     *
     * @param image {@code null} if the shard cannot be read
     * @param texts {@code null} if they cannot be
     * @param tokens of the texts
     * @param problem with either
     */
    @SuppressWarnings("ArrayRecordComponent") // read at once, never compared
    private record Read(
            int number,
            @Nullable ImageFile image,
            @Nullable SampleTexts texts,
            int[] tokens,
            @Nullable String problem) {}

    /** Looks at everything; progress is that of shards. */
    void run() {
        inspection.seen().begin(used.training(), this::named);
        int shards = source.shards().size();
        for (int shard = 0; shard < shards; shard++) {
            run(shard, ShardReader.open(source, shard));
            inspection.progress(used, shard + 1, shards);
        }
        inspection.add(tally.report(0), findings);
    }

    private String named(long position) {
        int shard = (int) (position >>> NUMBER_BITS);
        return ShardReader.open(source, shard).named((int) (position & Integer.MAX_VALUE));
    }

    private void run(int shard, ShardReader reader) {
        findings.addAll(Kind.SHARD_FAULTY, reader.faults());
        int portion = inspection.workers().portion();
        for (int first = 0; first < reader.size(); first += portion) {
            int end = Math.min(reader.size(), first + portion);
            inspection
                    .workers()
                    .map(IntStream.range(first, end).boxed().toList(), number -> read(reader, number))
                    .forEach(read ->
                            take((long) shard << NUMBER_BITS | read.number(), reader.named(read.number()), read));
        }
    }

    private Read read(ShardReader reader, int number) {
        ImageFile image = null;
        try {
            var content = reader.read(number);
            image = ImageFile.of(content.image(), reader.named(number), source.pipeline(), inspection.quick());
            var texts = reader.texts(number, content);
            var draws = source.random().of(inspection.seed(), 0, number);
            return new Read(
                    number, image, texts, inspection.texts().measure(texts.asked(source.textProcessor(), draws)), null);
        } catch (BrokenImageException e) {
            return new Read(number, image, null, new int[0], reader.named(number) + ": " + e.getMessage());
        }
    }

    private void take(long position, String name, Read read) {
        var image = read.image();
        if (image != null) {
            takeImage(position, image);
        }
        if (read.problem() != null) {
            findings.add(Kind.SHARD_FAULTY, read::problem);
        }
        var texts = read.texts();
        if (texts == null) {
            return;
        }
        tally.add(texts);
        if (texts.textInput().strip().equals(used.dataset().textStart().strip())) {
            findings.add(Kind.TEXT_EMPTY, () -> name);
        }
        var passed = tally.lengths().add(read.tokens());
        if (passed != null) {
            findings.add(
                    Kind.TEXT_CUT,
                    () -> "%s: longer than model.%s, %d tokens".formatted(name, passed.key(), passed.tokens()));
        }
    }

    private void takeImage(long position, ImageFile image) {
        String problem = image.problem();
        tally.addImage(problem == null);
        if (problem != null) {
            inspection.broken().addContent(image.content());
            findings.add(Kind.IMAGE_BROKEN, () -> problem);
        } else {
            inspection.seen().add(image, position, findings);
        }
    }
}
