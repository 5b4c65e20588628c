package io.lavis4j.tensor;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/** Java's heap, which stays as large as it was while a model was loaded unless it is told otherwise. */
public final class JavaHeap {

    private JavaHeap() {}

    /**
     * Collects garbage and gives the system what is free of the heap beyond 40 %, now and at later collections; for a
     * process that has loaded what it needs and works outside the heap from now on. The heap still grows where it must.
     * Java machines other than HotSpot keep theirs.
     */
    public static void shrink() {
        try {
            var machine = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
            machine.setVMOption("MinHeapFreeRatio", "10");
            machine.setVMOption("MaxHeapFreeRatio", "40");
        } catch (IllegalArgumentException e) {
            return; // it has no such settings
        }
        System.gc();
    }
}
