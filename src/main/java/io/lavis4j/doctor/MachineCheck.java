package io.lavis4j.doctor;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/** The machine and its Java. */
final class MachineCheck {

    private static final long SMALL_HEAP = 900L << 20;

    List<Finding> findings() {
        var findings = new ArrayList<Finding>();
        findings.add(machine());
        findings.add(java());
        return findings;
    }

    private static Finding machine() {
        String name = System.getProperty("os.name"), processor = System.getProperty("os.arch");
        String value = "%s %s %s, %d cores, %d MiB memory, %d MiB of it free"
                .formatted(
                        name,
                        System.getProperty("os.version"),
                        processor,
                        Runtime.getRuntime().availableProcessors(),
                        memory() >> 20,
                        system().getFreeMemorySize() >> 20);
        return name.equals("Linux") && processor.equals("amd64")
                ? Finding.ok("machine", value)
                : Finding.note("machine", value, "the build has native libraries for Linux x86-64 alone");
    }

    private static OperatingSystemMXBean system() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    }

    /** Bytes of memory, of the container if there is one. */
    static long memory() {
        return system().getTotalMemorySize();
    }

    private static Finding java() {
        long heap = Runtime.getRuntime().maxMemory();
        String value = "%s of %s, heap up to %d MiB"
                .formatted(System.getProperty("java.version"), System.getProperty("java.vendor"), heap >> 20);
        return heap >= SMALL_HEAP
                ? Finding.ok("java", value)
                : Finding.note("java", value, "annotations and images lie in the heap: set -Xmx2g or more");
    }
}
