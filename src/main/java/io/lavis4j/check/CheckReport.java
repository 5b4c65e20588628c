package io.lavis4j.check;

import io.lavis4j.io.JsonText;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The result of a check.
 *
 * @param layout data sets of the catalog below a data root; empty where a configuration was checked
 * @param splits numbers, in the order in which a run opens them
 * @param problems errors first, then warnings and notes
 */
public record CheckReport(List<DatasetLayout> layout, List<SplitReport> splits, List<Problem> problems) {

    public CheckReport {
        layout = List.copyOf(layout);
        splits = List.copyOf(splits);
        problems = problems.stream()
                .distinct()
                .sorted(Comparator.comparing(problem -> problem.kind().level()))
                .toList();
    }

    /** Whether nothing was found that a run would fail of. */
    public boolean isSound() {
        return problems.stream().noneMatch(Problem::isError);
    }

    /** An object with the keys sound, layout, splits and problems; names and order stay from version to version. */
    public String json() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("sound", isSound());
        object.put("layout", layout.stream().map(DatasetLayout::asMap).toList());
        object.put("splits", splits.stream().map(SplitReport::asMap).toList());
        object.put("problems", problems.stream().map(Problem::asMap).toList());
        return JsonText.of(object);
    }
}
