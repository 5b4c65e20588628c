package io.lavis4j.tensor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.global.torch;

/** The most memory that this process has used so far. */
public final class PeakMemory {

    private static final Path STATUS = Path.of("/proc/self/status");

    private PeakMemory() {}

    /** In MiB: on a GPU what its allocator has given out, on a CPU the process's resident memory; 0 where unknown. */
    public static long mebibytes(Device device) {
        if (device.is_cuda()) {
            try (var scope = new PointerScope()) {
                return torch.getDeviceStats(device.index()).allocated_bytes().peak() >> 20;
            }
        }
        return resident();
    }

    private static long resident() {
        try (var lines = Files.lines(STATUS, StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) >> 10)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0; // no such file on other systems
        }
    }
}
