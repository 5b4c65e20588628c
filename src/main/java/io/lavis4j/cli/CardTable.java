package io.lavis4j.cli;

import io.lavis4j.estimate.CardMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What a GPU can hold, as a table that is read in a terminal and is Markdown. */
final class CardTable {

    private static final String OUT_OF_MEMORY = "OOM";

    private final CardMemory card;

    CardTable(CardMemory card) {
        this.card = card;
    }

    List<String> lines() {
        int columns =
                card.rows().stream().mapToInt(row -> row.name().length()).max().orElse(0);
        String name = "| %-" + columns + "s |";
        var lines = new ArrayList<String>();
        lines.add(name.formatted("MiB by batch size")
                + CardMemory.BATCHES.stream().map(size -> cell(size)).collect(Collectors.joining())
                + " largest batch |");
        lines.add(
                "| " + "-".repeat(columns) + " |" + " ----: |".repeat(CardMemory.BATCHES.size()) + " ------------: |");
        for (var row : card.rows()) {
            var line = new StringBuilder(name.formatted(row.name()));
            for (long needed : row.needed()) {
                line.append(cell(needed <= card.available() ? EstimateTable.mebibytes(needed) : OUT_OF_MEMORY));
            }
            lines.add(line.append(" %13s |".formatted(row.largest() == 0 ? "none" : row.largest()))
                    .toString());
        }
        return lines;
    }

    private static String cell(Object value) {
        return " %5s |".formatted(value);
    }
}
