package io.lavis4j.fakecuda;

import java.util.List;

/** Events in the order of the calls. */
public record Trace(List<Event> events) {

    /** Those of a kind whose description contains {@code part}. */
    public List<Event> of(String kind, String part) {
        return events.stream()
                .filter(event -> event.kind().equals(kind) && event.what().contains(part))
                .toList();
    }

    /** Kernels whose name contains {@code part}. */
    public long kernels(String part) {
        return of("kernel", part).size();
    }

    /** Calls in which the host waits for a device. */
    public List<Event> hostWaits() {
        return events.stream()
                .filter(event ->
                        event.kind().equals("host wait") || event.what().endsWith(" blocking"))
                .toList();
    }

    /** Copies between a device and host memory that is not pinned; the driver makes the host wait for them. */
    public List<Event> pageableCopies() {
        return of("copy", " pageable");
    }
}
