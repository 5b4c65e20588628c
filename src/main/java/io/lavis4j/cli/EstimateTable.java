package io.lavis4j.cli;

import io.lavis4j.estimate.MemoryEstimate;
import io.lavis4j.estimate.Part;
import io.lavis4j.estimate.Pass;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/** An estimate in text, in MiB. */
final class EstimateTable {

    private static final int NAME_COLUMNS = 24;
    private static final double MILLION = 1e6;
    private static final List<Column> COLUMNS = List.of(
            new Column("weights", Part::weights),
            new Column("gradients", Part::gradients),
            new Column("optimizer", Part::optimizer),
            new Column("casts", Part::casts),
            new Column("activations", Part::activations),
            new Column("cache", Part::cache));

    private record Column(String name, ToLongFunction<Part> bytes) {}

    private final MemoryEstimate estimate;
    private final List<String> lines = new ArrayList<>();

    EstimateTable(MemoryEstimate estimate) {
        this.estimate = estimate;
    }

    /** The lines, a blank one after each pass. */
    List<String> lines() {
        var training = estimate.training();
        if (training != null) {
            add(training);
        }
        add(estimate.evaluation());
        return lines;
    }

    private void add(Pass pass) {
        var columns = COLUMNS.stream()
                .filter(column -> pass.parts().stream().anyMatch(part -> column.bytes.applyAsLong(part) > 0))
                .toList();
        lines.add("%s, batches of %d (MiB; parameters in millions)".formatted(pass.name(), pass.batchSize()));
        var head = new StringBuilder(" ".repeat(NAME_COLUMNS)).append("parameters   trained");
        columns.forEach(column -> head.append("%13s".formatted(column.name)));
        lines.add(head.toString());
        for (var part : pass.parts()) {
            var line = new StringBuilder(name("  " + part.name()))
                    .append(millions(part.parameters()))
                    .append(millions(part.trained()));
            columns.forEach(column -> line.append("%13s".formatted(mebibytes(column.bytes.applyAsLong(part)))));
            lines.add(line.toString());
        }
        lines.add(line("at most at once", pass.peak().bytes()) + "  "
                + pass.peak().when());
        if (estimate.gpu()) {
            lines.add(line("gaps of the allocator", pass.gaps()));
            lines.add(line("CUDA context", MemoryEstimate.CUDA_CONTEXT));
        } else {
            lines.add(line("Java and libtorch", MemoryEstimate.PROCESS));
            if (estimate.features() > 0) {
                lines.add(line("vision features", estimate.features()));
            }
        }
        lines.add(line("needed", estimate.needed(pass)));
        lines.add("");
    }

    private static String line(String name, long bytes) {
        return name(name) + "%10s".formatted(mebibytes(bytes));
    }

    private static String name(String name) {
        return ("%-" + NAME_COLUMNS + "s").formatted(name);
    }

    private static String millions(long count) {
        return "%10s".formatted(count == 0 ? "-" : String.format(Locale.ROOT, "%.1f", count / MILLION));
    }

    /** Rounded up. */
    static String mebibytes(long bytes) {
        return bytes == 0 ? "-" : String.valueOf((bytes + (1 << 20) - 1) >> 20);
    }
}
