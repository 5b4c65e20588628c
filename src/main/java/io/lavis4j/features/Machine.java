package io.lavis4j.features;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The bytes that this machine has left. */
final class Machine {

    private static final Path MEMORY = Path.of("/proc/meminfo");

    private Machine() {}

    /** Of memory, files that are merely held in it left out; of the container where that has less. */
    static long freeMemory() {
        var system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        long total = field("MemTotal"), available = field("MemAvailable");
        boolean ofContainer = system.getTotalMemorySize() < total;
        return available == 0 || ofContainer ? system.getFreeMemorySize() : available;
    }

    private static long field(String name) {
        try (var lines = Files.lines(MEMORY, StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.startsWith(name + ":"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0; // no such file on other systems
        }
    }

    /** Of the disk that a folder is on, or will be. */
    static long freeDisk(Path folder) {
        var there = folder.toAbsolutePath().normalize();
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        try {
            return Files.getFileStore(there).getUsableSpace();
        } catch (IOException e) {
            throw new UncheckedIOException("the disk of %s cannot be asked for its room (%s)".formatted(folder, e), e);
        }
    }
}
